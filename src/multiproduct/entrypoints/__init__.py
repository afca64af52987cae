"""Ways in: the library, the HTTP service, the worker and the command line."""
