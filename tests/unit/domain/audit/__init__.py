"""Tests of the chain over the audit log."""
