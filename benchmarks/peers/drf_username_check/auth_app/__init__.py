"""Accounts of the peer, as far as the username check needs them."""
