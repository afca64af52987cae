"""Journeys: whole stories on real parts, as a person or program would live them."""
