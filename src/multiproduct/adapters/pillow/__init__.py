"""Pictures of strangers made safe, with Pillow."""

from multiproduct.adapters.pillow.images import MAX_DECODED_PIXELS, MAX_PIXELS, PillowImages

__all__ = ["MAX_DECODED_PIXELS", "MAX_PIXELS", "PillowImages"]
