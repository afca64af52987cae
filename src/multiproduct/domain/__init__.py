"""The rules of the business: synchronous, standard library only, no clock and no chance of its own."""
