"""Where uploaded files are kept and who reads pictures: what the settings name, as far as it is installed."""

from importlib.util import find_spec

from multiproduct.adapters.memory.files import MemoryObjectStorage
from multiproduct.application.files import Images, ObjectStorage
from multiproduct.settings import Settings

_DEFAULT_FOLDER = "file://./var/media"
_MEMORY = "memory://"


def storage_of(settings: Settings) -> ObjectStorage | None:
    """None where obstore is not installed (it comes with `multiproduct[files]`). An installation that keeps
    its data in memory keeps its files there too, unless it is told where."""
    url = settings.media_url or (_MEMORY if settings.database_url == _MEMORY else _DEFAULT_FOLDER)
    if url == _MEMORY:
        return MemoryObjectStorage()
    if find_spec("obstore") is None:
        return None
    from multiproduct.adapters.obstore import ObstoreStorage  # noqa: PLC0415 - only where it is used

    return ObstoreStorage(url)


def images_of() -> Images | None:
    """None where Pillow is not installed."""
    if find_spec("PIL") is None:
        return None
    from multiproduct.adapters.pillow import PillowImages  # noqa: PLC0415 - only where it is used

    return PillowImages()
