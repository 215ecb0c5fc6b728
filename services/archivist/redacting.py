"""Pseudonyms in place of those whose data was erased, in what is read again from the topics."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.erasing import pseudonyms_of
from services.archive.naming import named_in, without
from services.archive.tables import NOTICES
from services.archivist.entries import Entry, Row


async def redacted(connection: AsyncConnection, entries: list[Entry]) -> list[Entry]:
    """Return the entries with pseudonyms in place of those whose data was erased."""
    known = await pseudonyms_of(connection, _uploaders(entries))
    if not known:
        return entries
    return [_redact(entry, known) for entry in entries]


# Where an uploader's id stands, by the names of columns; a kind beside it says whether it is one.
_PERSON = (("uploader_id", ""), ("recipient_id", "recipient_kind"), ("subject_id", "kind"))


def _uploaders(entries: Iterable[Entry]) -> set[str]:
    rows = [row for entry in entries for row in (entry.fact, *entry.present) if row is not None]
    named = {name for row in rows for name in named_in(*row)}
    return named | {row.values[name] for row in rows for name in _person(row)} - {""}


def _person(row: Row) -> list[str]:
    """Return the columns of a row that hold an uploader's id."""
    values = row.values
    return [name for name, kind in _PERSON if name in values and (not kind or values.get(kind) == "UPLOADER")]


def _redact(entry: Entry, known: dict[str, str]) -> Entry:
    fact = None if entry.fact is None else _redact_row(entry.fact, known)
    return entry._replace(fact=fact, present=tuple(_redact_row(row, known) for row in entry.present))


def _redact_row(row: Row, known: dict[str, str]) -> Row:
    changed = {name: known[row.values[name]] for name in _person(row) if row.values[name] in known}
    if changed and row.table is NOTICES:
        changed |= {"subject": "", "text": ""}
    if named_in(*row) & known.keys():
        changed["record"] = without(*row, known)
    return Row(row.table, {**row.values, **changed}) if changed else row
