"""Identity's use cases on the memory adapters."""
