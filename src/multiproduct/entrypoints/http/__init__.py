"""The HTTP service: endpoint tables, the seed systems' dialects of them, and what stands around both."""
