"""Uploaders whom rightsholders' facts name within: who has a licence, and accounts that are a rightsholder's own. Pure.

An erased licensee has a pseudonym, since a licence needs one; an erased account is left out, since lists are bounded by
their bytes, which a pseudonym would make more.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Table

from services.archive.tables import RIGHTSHOLDER_STEPS, WORK_SUBMISSIONS
from services.contracts.codec import decode, encode
from services.contracts.submitted import License as Licence
from services.contracts.submitted import RightsholderSubmitted, WorkSubmitted

LICENSING = ("license", "license_catalogue")
ENROLLING = "enroll"
NAMING: tuple[tuple[Table, str, tuple[str, ...]], ...] = (
    (WORK_SUBMISSIONS, "action", LICENSING),
    (RIGHTSHOLDER_STEPS, "step", (ENROLLING,)),
)
"""Where facts stand that may name somebody: the table, the column that says of which kind one is, and these kinds."""

_WHERE = {table: (column, kinds) for table, column, kinds in NAMING}


def named_in(table: Table, values: Mapping[str, Any]) -> frozenset[str]:
    """Return whom the fact in a row names."""
    if not _may_name(table, values):
        return frozenset()
    return frozenset(_names(table, values["record"]))


def without(table: Table, values: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """Return the record of a row with pseudonyms for those who are known by one."""
    if table is RIGHTSHOLDER_STEPS:
        step = decode(RightsholderSubmitted, values["record"].encode())
        assert step.enroll is not None, "asked of enrolments alone"  # noqa: S101  # an invariant
        accounts = tuple(each for each in step.enroll.accounts if each not in known)
        return encode(replace(step, enroll=replace(step.enroll, accounts=accounts))).decode()
    fact = decode(WorkSubmitted, values["record"].encode())
    changed = {name: _renamed(licence, known) for name in LICENSING if (licence := getattr(fact, name)) is not None}
    return encode(replace(fact, **changed)).decode()


def _may_name(table: Table, values: Mapping[str, Any]) -> bool:
    if table not in _WHERE:
        return False
    column, kinds = _WHERE[table]
    return values[column] in kinds


def _names(table: Table, record: str) -> Iterator[str]:
    if table is RIGHTSHOLDER_STEPS:
        step = decode(RightsholderSubmitted, record.encode())
        yield from step.enroll.accounts if step.enroll else ()
        return
    fact = decode(WorkSubmitted, record.encode())
    for licence in (fact.license, fact.license_catalogue):
        if licence is not None and licence.licensee.uploader_id:
            yield licence.licensee.uploader_id


def _renamed(licence: Licence, known: Mapping[str, str]) -> Licence:
    uploader_id = licence.licensee.uploader_id
    return replace(licence, licensee=replace(licence.licensee, uploader_id=known.get(uploader_id, uploader_id)))
