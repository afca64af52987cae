"""Going along the chain, one sealed entry after the other, and saying what does not hold."""

import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from multiproduct.domain.audit.chain import GENESIS, ChainHead, Mark, link
from multiproduct.domain.audit.strangers import is_of_stranger

MAX_FINDINGS = 100
"""So many are told one by one; beyond that they are counted."""
ERASURE = "identity.user_erased"
"""The event whose entry says that what tells of a person was to be taken out of the log."""
_MAX_SUSPECTS = 64
_HASH_BYTES = 32


class FindingKind(StrEnum):
    """What was done to the log."""

    EDITED = "edited"
    """The entry, or the hash stored with it or with the one before it, is not what was sealed."""
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    HEAD_MISSING = "head_missing"
    HEAD_FORGED = "head_forged"
    """The head was not signed by this installation, or changed since."""
    HEAD_KEY_UNKNOWN = "head_key_unknown"
    """The head was signed under a secret that this installation has not got (any more)."""
    HEAD_DIFFERS = "head_differs"
    """The last entry is not the one that the head was signed for."""
    ERASED_WITHOUT_CAUSE = "erased_without_cause"
    """What the entry told of a person was taken out, and nobody whom it names was erased; or it names nobody
    and is not old enough to be forgotten."""
    MARK_CONTRADICTED = "mark_contradicted"
    """The chain does not go through the head that was kept elsewhere."""


class HeadStanding(StrEnum):
    """What came of looking at the head's signature."""

    GENUINE = "genuine"
    FORGED = "forged"
    KEY_UNKNOWN = "key_unknown"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not hold, at a place in the chain; `until` where it is a stretch. `id` is the
    entry's as it is stored."""

    kind: FindingKind
    sequence: int | None
    until: int | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRow:
    """A sealed entry as it is stored. What cannot be read at all is None: `sequence` if it is no number,
    `form` if the entry is not one, `hash` if there is none.

    `event`, `persons` (the ids of whom it is about and of who did it), `actor_type` and `occurred_at` are of
    the entry as it stands; `is_erased` says that what tells of a person was taken out.
    """

    id: str
    sequence: int | None
    hash: bytes | None
    form: bytes | None
    event: str = ""
    persons: tuple[str | None, str | None] = (None, None)
    actor_type: str = ""
    occurred_at: datetime | None = None
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class _Suspect:
    """An entry that does not fit where it stands, and the hash before that place."""

    row: SealedRow
    sequence: int
    previous: bytes | None


@dataclass(slots=True)
class _Redacted:
    """Entries with the same persons that were erased: how many, and where the first of them stand."""

    count: int = 0
    places: list[tuple[int, str]] = field(default_factory=list)


class ChainCheck:
    """Takes rows in the order of their numbers, and is finished once.

    After an entry that does not fit it goes on from the hash stored with it, so that one change is one or two
    findings and not one for every later entry. After a gap, the first entry's link cannot be judged.
    """

    def __init__(self, *, since: Mark | None = None, forgotten_before: datetime | None = None) -> None:
        """`since` is a head that was kept elsewhere. Entries of strangers from before `forgotten_before` are
        rightly emptied; without it, none are."""
        self.findings: list[Finding] = []
        self.total = 0
        """How many findings there are, told or not."""
        self.entries = 0
        """How many sealed entries were looked at."""
        self.erased = 0
        """How many of them tell of nobody any more."""
        self._erased_people: set[str] = set()
        self._redacted: dict[tuple[str | None, str | None], _Redacted] = {}
        self._since = since
        self._forgotten_before = forgotten_before
        self._is_since_met = since == Mark()
        self._last = 0
        self._previous: bytes | None = GENESIS
        self._before_last: bytes | None = None
        self._suspects: list[_Suspect] = []

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found so far."""
        return self.total == 0

    def take(self, row: SealedRow) -> None:
        """Judges the next sealed row."""
        self.entries += 1
        if row.sequence is None or row.sequence < 1 or row.sequence <= self._last:
            self._take_surplus(row)
            return
        if row.sequence > self._last + 1:
            self._find(FindingKind.DELETED, self._last + 1, until=row.sequence - 1)
            self._previous = None
        if not _fits(row, row.sequence, self._previous):
            self._find(FindingKind.EDITED, row.sequence, id=row.id)
            if len(self._suspects) < _MAX_SUSPECTS:
                self._suspects.append(_Suspect(row, row.sequence, self._previous))
        else:
            self._note_erasure(row, row.sequence)
        self._last, self._before_last, self._previous = row.sequence, self._previous, _whole(row.hash)
        self._meet(row)

    @property
    def unexplained(self) -> list[str]:
        """The first persons out of whose entries something was taken though no entry so far says that they
        were erased; at most as many as findings are told."""
        named = (each for persons in self._redacted if not self._is_explained(persons) for each in persons)
        return list(dict.fromkeys(filter(None, named)))[:MAX_FINDINGS]

    def explain(self, erased: Collection[str]) -> None:
        """Says that these persons were erased, by entries sealed since the going along began."""
        self._erased_people.update(erased)

    def finish(self, *, head: ChainHead | None, standing: HeadStanding, beyond: Iterable[SealedRow]) -> None:
        """Compares the end with the head. `beyond` are rows whose number is above the head's or none at
        all."""
        if head is None:
            if self.entries:
                self._find(FindingKind.HEAD_MISSING, None)
        else:
            self._compare(head, standing)
        for row in beyond:
            self._find(FindingKind.INSERTED, row.sequence, id=row.id)
        if self._since is not None and not self._is_since_met:
            self._find(FindingKind.MARK_CONTRADICTED, self._since.sequence)
        self._tell_redacted()
        self._tell_moved_from_changed()

    def _compare(self, head: ChainHead, standing: HeadStanding) -> None:
        end = head.mark.sequence
        if standing is HeadStanding.FORGED:
            self._find(FindingKind.HEAD_FORGED, end)
        elif standing is HeadStanding.KEY_UNKNOWN:
            self._find(FindingKind.HEAD_KEY_UNKNOWN, end)
        if self._last < end:
            self._find(FindingKind.TRUNCATED, self._last + 1, until=end)
        elif self._last == end and not _same(self._previous, head.mark.hash):
            self._find(FindingKind.HEAD_DIFFERS, end)

    def _take_surplus(self, row: SealedRow) -> None:
        """A number that was there already, or none. Where two share one, whichever fits was there first."""
        if row.sequence == self._last and _fits(row, self._last, self._before_last):
            for place, finding in enumerate(self.findings):
                if finding.kind is FindingKind.EDITED and finding.sequence == self._last:
                    self.findings[place] = replace(finding, kind=FindingKind.INSERTED)
                    self._suspects = [each for each in self._suspects if each.sequence != self._last]
                    self._previous = _whole(row.hash)
                    self._meet(row)
                    return
        self._find(FindingKind.INSERTED, row.sequence, id=row.id)

    def _note_erasure(self, row: SealedRow, sequence: int) -> None:
        """Only what fits its place counts: then event and persons are those that were sealed."""
        if row.event == ERASURE and row.persons[0] is not None:
            self._erased_people.add(row.persons[0])
        if row.is_erased:
            self.erased += 1
            if self._is_forgotten(row):
                return
            redacted = self._redacted.setdefault(row.persons, _Redacted())
            redacted.count += 1
            if len(redacted.places) < MAX_FINDINGS:
                redacted.places.append((sequence, row.id))

    def _is_forgotten(self, row: SealedRow) -> bool:
        if self._forgotten_before is None or row.occurred_at is None:
            return False
        is_old = row.occurred_at < self._forgotten_before
        return is_old and is_of_stranger(row.event, row.persons, row.actor_type)

    def _is_explained(self, persons: tuple[str | None, str | None]) -> bool:
        return any(each in self._erased_people for each in persons)

    def _tell_redacted(self) -> None:
        for persons, redacted in self._redacted.items():
            if not self._is_explained(persons):
                for sequence, entry_id in redacted.places:
                    self._find(FindingKind.ERASED_WITHOUT_CAUSE, sequence, id=entry_id)
                self.total += redacted.count - len(redacted.places)

    def _meet(self, row: SealedRow) -> None:
        if self._since is not None and row.sequence == self._since.sequence:
            self._is_since_met = self._is_since_met or _same(row.hash, self._since.hash)

    def _tell_moved_from_changed(self) -> None:
        """Contents that fit another suspect's place were moved there, with the stored hash or without it."""
        moved = {
            (suspect.sequence, suspect.row.id)
            for suspect in self._suspects
            for place in self._suspects
            if place is not suspect and _belongs(suspect.row, place)
        }
        self.findings = [
            replace(each, kind=FindingKind.REORDERED)
            if each.kind is FindingKind.EDITED and (each.sequence, each.id) in moved
            else each
            for each in self.findings
        ]

    def _find(
        self, kind: FindingKind, sequence: int | None, *, until: int | None = None, id: str | None = None
    ) -> None:
        self.total += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(kind=kind, sequence=sequence, until=until, id=id))


def _fits(row: SealedRow, sequence: int, previous: bytes | None) -> bool:
    if row.form is None or _whole(row.hash) is None:
        return False
    return previous is None or _same(row.hash, link(previous, sequence, row.form))


def _belongs(row: SealedRow, place: _Suspect) -> bool:
    if row.form is None or place.previous is None:
        return False
    there = link(place.previous, place.sequence, row.form)
    return _same(place.row.hash, there) or _same(row.hash, there)


def _whole(stored: bytes | None) -> bytes | None:
    return stored if stored is not None and len(stored) == _HASH_BYTES else None


def _same(one: bytes | None, other: bytes | None) -> bool:
    return one is not None and other is not None and hmac.compare_digest(one, other)
