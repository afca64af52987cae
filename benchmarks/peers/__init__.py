"""Other ways to answer the same requests, each in an environment of its own."""
