"""Erasing what is personal of an uploader, by request: a pseudonym in place of the id, and nothing that they wrote.

What was decided stays, since others rest on it. Promises: what is read again from the topics is erased again, in
whatever order it comes; of who was erased only a digest is kept. The topics are the platform's to erase.
"""

import secrets
import time
from collections.abc import Iterable, Sequence

import blake3
from msgspec.structs import replace
from sqlalchemy import CompoundSelect, and_, delete, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.archive.engine import writing
from services.archive.locks import hold_erasure
from services.archive.naming import NAMING, named_in, without
from services.archive.pieces import pieces
from services.archive.tables import (
    DELIVERIES,
    DISPUTE_STEPS,
    ERASURES,
    NOTICES,
    STANDING_CHANGES,
    STANDINGS,
    SUBMISSIONS,
    TAKEDOWN_EVENTS,
    VERDICTS,
)
from services.archive.upserts import insert_new
from services.contracts.codec import decode, encode
from services.contracts.objections import DisputeSubmitted

UPLOADER = "UPLOADER"
THEIR_STEPS = ("dispute", "counter_notice")
ERASED = "erased"
"""What stands for words that must be there."""


async def erase(engine: AsyncEngine, uploader_id: str, author: str) -> str:
    """Erase an uploader, by whose request is recorded, and return the pseudonym; a second time it is the same."""
    pseudonym, now = f"erased-{secrets.token_hex(8)}", int(time.time() * 1000)
    row = {"digest": _digest(uploader_id), "pseudonym": pseudonym, "erased_ms": now, "author": author}
    async with writing(engine) as connection:
        await hold_erasure(connection)
        await insert_new(connection, ERASURES, [row])
        known = await pseudonyms_of(connection, [uploader_id])
        pseudonym = known[uploader_id]
        await _rename(connection, uploader_id, pseudonym)
        await _rename_within(connection, uploader_id, pseudonym)
        upload_ids = list(await connection.scalars(_uploads_of(pseudonym)))
        await _blank(connection, upload_ids)
        await _forget_told(connection, pseudonym, upload_ids)
    return pseudonym


async def pseudonyms_of(connection: AsyncConnection, uploader_ids: Iterable[str]) -> dict[str, str]:
    """Return the pseudonyms of those who were erased."""
    digests = {_digest(uploader_id): uploader_id for uploader_id in uploader_ids}
    found: dict[str, str] = {}
    for piece in pieces(sorted(digests)):
        asked = select(ERASURES.c.digest, ERASURES.c.pseudonym).where(ERASURES.c.digest.in_(piece))
        found |= {digests[digest]: pseudonym for digest, pseudonym in await connection.execute(asked)}
    return found


async def erase_again(connection: AsyncConnection, upload_ids: Iterable[str]) -> None:
    """Erase what has come anew about uploads of those who were erased, among these."""
    if await connection.scalar(select(ERASURES.c.digest).limit(1)) is None:
        return
    erased = select(ERASURES.c.pseudonym)
    for piece in pieces(sorted(upload_ids)):
        found = union(
            *(
                select(table.c.upload_id).where(table.c.upload_id.in_(piece), table.c.uploader_id.in_(erased))
                for table in (SUBMISSIONS, TAKEDOWN_EVENTS)
            )
        )
        await _blank(connection, list(await connection.scalars(found)))


async def _rename(connection: AsyncConnection, uploader_id: str, pseudonym: str) -> None:
    for table in (SUBMISSIONS, TAKEDOWN_EVENTS):
        where = table.c.uploader_id == uploader_id
        await connection.execute(update(table).where(where).values(uploader_id=pseudonym))
    for table in (STANDINGS, STANDING_CHANGES):
        where = (table.c.kind == UPLOADER) & (table.c.subject_id == uploader_id)
        await connection.execute(update(table).where(where).values(subject_id=pseudonym))
    theirs = (NOTICES.c.recipient_kind == UPLOADER) & (NOTICES.c.recipient_id == uploader_id)
    await connection.execute(update(NOTICES).where(theirs).values(recipient_id=pseudonym, subject="", text=""))


async def _rename_within(connection: AsyncConnection, uploader_id: str, pseudonym: str) -> None:
    """Take a name out of licences and lists of accounts. It goes through all of these, which are few beside uploads."""
    as_written = encode(uploader_id).decode()
    for table, column, kinds in NAMING:
        key = tuple(table.primary_key)
        asked = select(*key, table.c[column], table.c.record).where(table.c[column].in_(kinds))
        rows = await connection.execute(asked.where(table.c.record.contains(as_written, autoescape=True)))
        for row in map(dict, rows.mappings().all()):
            if uploader_id in named_in(table, row):
                record = without(table, row, {uploader_id: pseudonym})
                same = and_(*(each == row[each.name] for each in key))
                await connection.execute(update(table).where(same).values(record=record))


async def _blank(connection: AsyncConnection, upload_ids: Sequence[str]) -> None:
    """Take away what an uploader wrote about these uploads, and what repeats it."""
    for piece in pieces(upload_ids):
        nothing = {"uri": "", "title": "", "artist": "", "erased": True}
        await connection.execute(update(SUBMISSIONS).where(SUBMISSIONS.c.upload_id.in_(piece)).values(nothing))
        await connection.execute(update(VERDICTS).where(VERDICTS.c.upload_id.in_(piece)).values(explanation=""))
        await connection.execute(update(NOTICES).where(NOTICES.c.upload_id.in_(piece)).values(subject="", text=""))
        await _blank_steps(connection, piece)


async def _blank_steps(connection: AsyncConnection, upload_ids: Sequence[str]) -> None:
    """Take away what an uploader wrote in a dispute. The step itself stays: its claimant still has to answer."""
    at = (DISPUTE_STEPS.c.upload_id, DISPUTE_STEPS.c.record_offset)
    said = DISPUTE_STEPS.c.upload_id.in_(upload_ids) & DISPUTE_STEPS.c.step.in_(THEIR_STEPS)
    for upload_id, offset, record in (await connection.execute(select(*at, DISPUTE_STEPS.c.record).where(said))).all():
        blank = encode(_without_words(decode(DisputeSubmitted, record.encode()))).decode()
        same = (at[0] == upload_id) & (at[1] == offset)
        await connection.execute(update(DISPUTE_STEPS).where(same).values(record=blank))


def _without_words(step: DisputeSubmitted) -> DisputeSubmitted:
    if step.dispute is not None:
        return replace(step, dispute=replace(step.dispute, statement=ERASED))
    assert step.counter_notice is not None, "an uploader's step is one of these"  # noqa: S101  # an invariant
    words = dict.fromkeys(("statement", "name", "address", "signed_by"), ERASED)
    return replace(step, counter_notice=replace(step.counter_notice, **words))


async def _forget_told(connection: AsyncConnection, pseudonym: str, upload_ids: Sequence[str]) -> None:
    """Forget what could not be delivered of it. What still waits is owed; delivered, its text is not kept anyway."""
    theirs = (NOTICES.c.recipient_kind == UPLOADER) & (NOTICES.c.recipient_id == pseudonym)
    notices = set(await connection.scalars(select(NOTICES.c.notice_id).where(theirs)))
    told: set[str] = set()
    for piece in pieces(upload_ids):
        notices |= set(await connection.scalars(select(NOTICES.c.notice_id).where(NOTICES.c.upload_id.in_(piece))))
        named = select(VERDICTS.c.upload_id, VERDICTS.c.submission, VERDICTS.c.revision)
        verdicts = await connection.execute(named.where(VERDICTS.c.upload_id.in_(piece)))
        told |= {f"verdict.decided {' '.join(map(str, row))}" for row in verdicts}
    for piece in pieces(sorted(told | {f"notice.issued {notice_id}" for notice_id in notices})):
        given_up = (DELIVERIES.c.state == "GIVEN_UP") & DELIVERIES.c.about.in_(piece)
        await connection.execute(delete(DELIVERIES).where(given_up))


def _uploads_of(pseudonym: str) -> CompoundSelect[str]:
    return union(
        *(select(table.c.upload_id).where(table.c.uploader_id == pseudonym) for table in (SUBMISSIONS, TAKEDOWN_EVENTS))
    )


def _digest(uploader_id: str) -> str:
    return blake3.blake3(uploader_id.encode()).hexdigest()
