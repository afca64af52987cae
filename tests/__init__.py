"""Tests of multiproduct; a package, so that `tests.servers` can be imported and run by name."""
