"""What the product's answers are compared with from above: the same server with nothing behind it."""
