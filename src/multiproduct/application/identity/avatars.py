"""A person's picture: uploaded, made safe and small, served, and removed."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.files import Images, ObjectStorage, StoredObject
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import present_user
from multiproduct.application.identity.results import UserView
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.files import FileTooLarge
from multiproduct.domain.identity import Picture
from multiproduct.domain.identity.picture import TIME_TO_TAKE_UP, picture_of
from multiproduct.domain.identity.roles import OWN_PROFILE_UPDATE
from multiproduct.domain.shared import NotConfigured, NotFound, Unavailable

LARGE, SMALL = 512, 128
EDGES = (LARGE, SMALL)
_WHAT = "avatars"


def file_key(picture_id: UUID, edge: int) -> str:
    """Where the picture lies in one of its sizes."""
    return f"avatars/{picture_id}/{edge}.webp"


class Avatars:
    """The files are written before the row that makes them somebody's, and their own row before them: what a
    process leaves behind when it dies is found and removed by the purge."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        images: Images | None,
        storage: ObjectStorage | None,
        throttle: Throttle,
        max_bytes: int,
    ) -> None:
        """`images` and `storage` are None where the installation has no packages for them."""
        self._units = units
        self._clock = clock
        self._ids = ids
        self._images = images
        self._storage = storage
        self._throttle = throttle
        self._max_bytes = max_bytes

    async def change(self, content: bytes, caller: Caller) -> UserView:
        """Makes the bytes the caller's picture. What a client calls them is not asked for.

        Raises Unauthenticated, NotConfigured, FileTooLarge, NotAnImage, TooManyRequests, Unavailable.
        """
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        if self._images is None:
            raise NotConfigured(what=_WHAT)
        storage = self._kept()
        if len(content) > self._max_bytes:
            raise FileTooLarge(max=self._max_bytes)
        await self._throttle.admit("upload", caller)
        squares = await self._images.squares(content, edges=EDGES)
        picture = await self._announce(user_id, caller)
        for edge, square in zip(EDGES, squares, strict=True):
            await storage.put(file_key(picture.id, edge), square)
        return await in_unit(
            lambda: self._units.open(caller), lambda unit: self._take_up(unit, user_id, picture)
        )

    async def remove(self, caller: Caller) -> UserView:
        """Takes the picture away, or the address of one elsewhere. Raises Unauthenticated."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        return await in_unit(lambda: self._units.open(caller), lambda unit: self._remove(unit, user_id))

    async def picture(self, picture_id: UUID, edge: int, caller: Caller) -> StoredObject:
        """The file of a picture that somebody has, in one of the sizes of `EDGES`.

        Raises NotFound, NotConfigured, TooManyRequests, Unavailable.
        """
        storage = self._kept()
        await self._throttle.admit("open", caller)
        async with self._units.view(caller) as view:
            is_used = await view.pictures.is_used(picture_id)
        found = await storage.get(file_key(picture_id, edge)) if is_used and edge in EDGES else None
        if found is None:
            raise NotFound
        return found

    def _kept(self) -> ObjectStorage:
        if self._storage is None:
            raise NotConfigured(what=_WHAT)
        return self._storage

    async def _announce(self, user_id: UUID, caller: Caller) -> Picture:
        now = self._clock.now()
        picture = Picture(id=self._ids.for_user(), user_id=user_id, created_at=now, unused_since=now)

        async def body(unit: IdentityUnit) -> Picture:
            await present_user(unit, user_id)
            await unit.pictures.add(picture)
            await unit.commit()
            return picture

        return await in_unit(lambda: self._units.open(caller), body)

    async def _take_up(self, unit: IdentityUnit, user_id: UUID, picture: Picture) -> UserView:
        now = self._clock.now()
        if not await unit.pictures.take_up(picture.id, made_after=now - TIME_TO_TAKE_UP):
            raise Unavailable(what="media")
        return await self._set(unit, user_id, picture.reference)

    async def _remove(self, unit: IdentityUnit, user_id: UUID) -> UserView:
        return await self._set(unit, user_id, None)

    async def _set(self, unit: IdentityUnit, user_id: UUID, avatar: str | None) -> UserView:
        user = await present_user(unit, user_id)
        now = self._clock.now()
        before = picture_of(user.avatar)
        if before is not None:
            await unit.pictures.drop(before, now=now)
        user.change_profile({"avatar": avatar}, now=now)
        await unit.users.save(user)
        await unit.commit()
        return UserView.of(user)
