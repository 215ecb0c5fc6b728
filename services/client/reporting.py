"""Reading back what statements of reasons are made of: the takedowns, and what is kept of their uploads."""

from collections.abc import Iterator
from datetime import date

from services.client.reading_back import all_said
from services.client.statements import Posted, Restriction, Restrictions, statements
from services.contracts.decided import VerdictDecided
from services.contracts.statements import TransparencyStatement
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import TAKEDOWNS_ISSUED, UPLOADS_SUBMITTED, VERDICTS_DECIDED
from services.runtime.address import Address


async def statements_of(kafka: Address, since: date | None, until: date | None) -> Iterator[TransparencyStatement]:
    """Give the statement of every takedown from one day on and up to another, both included, in UTC.

    What kind of file an upload is stands in its submission alone, which is kept a week.
    """
    restrictions = Restrictions()
    async for each in all_said(kafka, TAKEDOWNS_ISSUED):
        restrictions.take(each.fact)
    wanted = [each for each in restrictions.found if _is_between(each, since, until)]
    return statements(wanted, await _posted(kafka, wanted))


def _is_between(restriction: Restriction, since: date | None, until: date | None) -> bool:
    day = restriction.issued.decided_at.date()
    return (since is None or day >= since) and (until is None or day <= until)


async def _posted(kafka: Address, restrictions: list[Restriction]) -> dict[str, Posted]:
    """Return what is kept of each upload: its first submission, or else the time that its verdict repeats."""
    wanted = {each.issued.upload_id for each in restrictions}
    submitted: dict[str, Posted] = {}
    judged: dict[str, Posted] = {}
    async for each in all_said(kafka, UPLOADS_SUBMITTED, VERDICTS_DECIDED):
        if each.key in wanted:
            if isinstance(each.fact, UploadSubmitted):
                submitted.setdefault(each.key, Posted(each.fact.media_type, each.at))
            elif isinstance(each.fact, VerdictDecided):
                judged[each.key] = Posted(at=each.fact.submitted_at)
    return judged | submitted
