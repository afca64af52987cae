"""Files in a folder or in an object storage, with obstore."""

from multiproduct.adapters.obstore.storage import ObstoreStorage

__all__ = ["ObstoreStorage"]
