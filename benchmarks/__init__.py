"""Benchmarks that print ratios from one run: the product against a bare ceiling and against a peer."""
