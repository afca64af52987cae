"""What a commit logs on PostgreSQL: its events, the todos that are owed to them and the audit rows, in one
statement whose text is the same for any number of them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.types import TypeEngine

from multiproduct.adapters.sql.audit import audit_row
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.audit import audit_entries
from multiproduct.adapters.sql.types import DOCUMENT, ID, LogText, Moment
from multiproduct.application.committing import NewEvent
from multiproduct.application.ports.audit_trail import AuditEntry

_AUDIT = (
    *("id", "occurred_at", "event", "action", "resource_type", "resource_id", "user_id", "actor_id"),
    *("actor_type", "ip", "user_agent", "request_id", "changes", "metadata"),
)
_DOCUMENTS = tuple(name for name in _AUDIT if audit_entries.c[name].type is DOCUMENT)


def _array(type_: TypeEngine[Any]) -> str:
    """What an array of such values is cast to; documents come as text."""
    return "uuid[]" if type_ is ID else "timestamptz[]" if isinstance(type_, Moment) else "text[]"


def _kept(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    return ARRAY(Text() if type_ is DOCUMENT else type_)


_audit_values = ", ".join(f"CAST(:audit_{name} AS {_array(audit_entries.c[name].type)})" for name in _AUDIT)
_audit_read = ", ".join(f"{name}::jsonb" if name in _DOCUMENTS else name for name in _AUDIT)
# Positions are handed out in the order in which the events stand, as sorting comes first, so that the places
# of the positions are those of the events. https://www.postgresql.org/docs/current/sql-insert.html
_LOG = text(f"""
WITH logged AS (
  INSERT INTO events (name, fields, occurred_at, request_id)
  SELECT name, fields::jsonb, occurred_at, request_id
  FROM unnest(CAST(:names AS text[]), CAST(:fields AS text[]), CAST(:moments AS timestamptz[]),
    CAST(:requests AS text[])) WITH ORDINALITY AS happened(name, fields, occurred_at, request_id, place)
  ORDER BY place
  RETURNING position
), owed AS (
  INSERT INTO todos (position, reaction, attempts, due_at)
  SELECT placed.position, owing.reaction, 0, CAST(:due_at AS timestamptz)
  FROM (SELECT position, row_number() OVER (ORDER BY position) AS place FROM logged) AS placed
  JOIN unnest(CAST(:places AS bigint[]), CAST(:reactions AS text[])) AS owing(place, reaction) USING (place)
)
INSERT INTO audit_entries ({", ".join(_AUDIT)}) SELECT {_audit_read}
FROM unnest({_audit_values}) AS told({", ".join(_AUDIT)})
""").bindparams(  # noqa: S608 - names of columns
    bindparam("names", type_=ARRAY(Text())),
    bindparam("fields", type_=ARRAY(Text())),
    bindparam("moments", type_=ARRAY(Moment())),
    bindparam("requests", type_=ARRAY(LogText())),
    bindparam("due_at", type_=Moment()),
    bindparam("reactions", type_=ARRAY(Text())),
    *(bindparam(f"audit_{name}", type_=_kept(audit_entries.c[name].type)) for name in _AUDIT),
)


async def log_at_once(lane: Lane, happened: Sequence[NewEvent], audit: Sequence[AuditEntry]) -> None:
    """Writes them all. Todos are due by real time: business time may be anywhere."""
    rows = [audit_row(entry) for entry in audit]
    for row in rows:
        row.update({name: json.dumps(row[name]) for name in _DOCUMENTS})
    owed = [(place, reaction) for place, new in enumerate(happened, 1) for reaction in new.todos]
    await lane.run(
        _LOG,
        {
            "names": [new.name for new in happened],
            "fields": [json.dumps(new.fields) for new in happened],
            "moments": [new.event.occurred_at for new in happened],
            "requests": [new.request_id for new in happened],
            "due_at": datetime.now(UTC),
            "places": [place for place, _ in owed],
            "reactions": [reaction for _, reaction in owed],
            **{f"audit_{name}": [row[name] for row in rows] for name in _AUDIT},
        },
    )
