"""The command line: `multiproduct serve | worker | scheduler | migrate | ...`."""
