"""Tests of the audit log's use cases."""
