"""Registering many works, so that it may be broken off and begun again.

Promises: one outcome for each work that was asked for, and what is wrong with one stops no other; a submission's id
follows from what is submitted, so a work that is in force as it is asked for, or waits for a person, is not submitted
again, and what was sent and not answered is sent under the same id, by which it counts once.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import xxhash

from services.client.errors import ClientError, RefusedError, UnansweredError, UnsendableError, why_refused
from services.client.files import content_of, document_of, is_uri, media_type_of, uri_of
from services.client.pending import PendingAction
from services.client.reading_back import KnownWork, known_works
from services.client.wanted import Unusable, Wanted
from services.contracts.codec import encode
from services.contracts.decided import WorkReceipt
from services.contracts.submitted import Attestation, Document, Policy, Reference, Register
from services.contracts.topics import WORKS_RECEIPTS, Topic
from services.contracts.types import Content
from services.runtime.address import Kafka

IN_FLIGHT_MAX = 64
"""Registrations that are sent and not answered; a rightsholder's are decided one after another anyway."""

WORK_ID_DIGITS = 16
"""Of the BLAKE3 digest that names a work without an id: two of a million are alike once in 37 million catalogues."""


class What(StrEnum):
    """What became of a work that was asked for."""

    REGISTERED = "REGISTERED"
    UNCHANGED = "UNCHANGED"
    HELD = "HELD"
    SKIPPED = "SKIPPED"
    REFUSED = "REFUSED"
    UNANSWERED = "UNANSWERED"
    UNUSABLE = "UNUSABLE"


FAILED = frozenset({What.REFUSED, What.UNANSWERED, What.UNUSABLE})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of what stands at a place: a line, or a file; `why` it failed, was skipped or waits."""

    where: str
    what: What
    work_id: str = ""
    title: str = ""
    why: str = ""
    copies_found: int = 0

    @property
    def failed(self) -> bool:
        """Whether somebody has to do something about it."""
        return self.what in FAILED


@dataclass(frozen=True, slots=True)
class Common:
    """What holds for every work that does not say otherwise."""

    document: Path | str | None = None
    signed_by: str = ""
    policy: Policy | None = None
    by_digest: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None


NOTHING_COMMON = Common()


class Submitter(Protocol):
    """What is needed of the client."""

    kafka: Kafka

    async def act(
        self, rightsholder_id: str, work_id: str, action: Register, submission_id: str | None = None
    ) -> PendingAction:
        """Submit an action."""

    async def hear(self, *topics: Topic) -> None:
        """Hear topics from now on."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A work that can be submitted. `name`: of its submission, by all that is said, the file's content included.

    `by_content`: its work_id follows from its content.
    """

    where: str
    work_id: str
    registration: Register
    name: str
    by_content: bool


class Bulk:
    """The works of one run. `places`: where each stands, in their order; there will be an outcome for each."""

    def __init__(
        self, client: Submitter, rightsholder_id: str, works: list[Wanted | Unusable], common: Common, seconds: float
    ) -> None:
        """Register these works; each may take so many seconds."""
        self.places = tuple(each.where for each in works)
        self._client = client
        self._rightsholder_id = rightsholder_id
        self._works = works
        self._common = common
        self._seconds = seconds

    def __aiter__(self) -> AsyncIterator[Outcome]:
        return self.outcomes()

    async def outcomes(self, read: Callable[[int], None] = lambda _: None) -> AsyncGenerator[Outcome, None]:
        """Give each outcome as it is there, in any order; ClientError if Kafka fails.

        `read` is told how many files have been read: nothing is submitted before all are.
        """
        document = await asyncio.to_thread(document_of, self._common.document) if self._common.document else None
        candidates: dict[str, _Candidate] = {}
        for number, work in enumerate(self._works, 1):
            found = await asyncio.to_thread(_prepare, work, self._common, document)
            read(number)
            outcome = found if isinstance(found, Outcome) else _taken(found, candidates)
            if outcome is not None:
                yield outcome
        await self._client.hear(WORKS_RECEIPTS)
        known = await known_works(self._client.kafka, self._rightsholder_id, frozenset(candidates))
        async with aclosing(self._submit_all(candidates.values(), known)) as outcomes:
            async for outcome in outcomes:
                yield outcome

    async def _submit_all(
        self, candidates: Iterable[_Candidate], known: dict[str, KnownWork]
    ) -> AsyncGenerator[Outcome, None]:
        """Keep some in flight; whoever stops asking ends them all."""
        flying: set[asyncio.Task[Outcome]] = set()
        try:
            for candidate in candidates:
                if len(flying) == IN_FLIGHT_MAX:
                    done, flying = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        yield task.result()
                flying.add(asyncio.create_task(self._submit(candidate, known[candidate.work_id])))
            for landing in asyncio.as_completed(flying):
                yield await landing
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)

    async def _submit(self, candidate: _Candidate, known: KnownWork) -> Outcome:
        submission_id = submission_of(candidate.name, known)
        if isinstance(submission_id, What):
            return _outcome(candidate, submission_id, "as it is asked for already")
        try:
            pending = await self._client.act(
                self._rightsholder_id, candidate.work_id, candidate.registration, submission_id
            )
            receipt = await pending.receipt(self._seconds)
        except RefusedError as error:
            return _outcome(candidate, What.REFUSED, why_refused(error.receipt))
        except UnansweredError as error:
            return _outcome(candidate, What.UNANSWERED, str(error))
        except UnsendableError as error:
            return _outcome(candidate, What.UNUSABLE, str(error))
        if receipt.status is WorkReceipt.Status.HELD:
            return _outcome(candidate, What.HELD, "a person has to approve it", receipt.copies_found)
        return _outcome(candidate, What.REGISTERED, copies_found=receipt.copies_found)


def submission_of(name: str, known: KnownWork) -> str | What:
    """Return the id under which to submit a registration of this name, or what it is already.

    A submission that was refused, or whose work was released or replaced since, has used up its id, so the next number
    is taken.
    """
    answered = {each.submission_id for each in known.receipts if each.submission_id.startswith(f"{name}-")}
    standing = known.standing
    if standing.registered_by in answered:
        return What.UNCHANGED
    if standing.held is not None and standing.held.submission_id in answered:
        return What.HELD
    return f"{name}-{len(answered) + 1}"


def _prepare(work: Wanted | Unusable, common: Common, document: Document | None) -> _Candidate | Outcome:
    """Read a work's file and return what is to be submitted, or why it cannot be."""
    if isinstance(work, Unusable):
        return Outcome(work.where, What.UNUSABLE if work.is_wrong else What.SKIPPED, why=work.why)
    try:
        content = None if is_uri(work.source) else content_of(Path(work.source))
        digest = "" if content is None else content.blake3
        work_id = work.work_id or digest[:WORK_ID_DIGITS]
        reference = _reference(work.source, content if common.by_digest else None)
        said = encode(registration := _registration(work, common, document, reference, work_id))
    except ClientError as error:
        return Outcome(work.where, What.UNUSABLE, work.work_id, work.title, str(error))
    except UnicodeEncodeError:
        return Outcome(work.where, What.UNUSABLE, work.work_id, work.title, "a name is not UTF-8")
    name = xxhash.xxh3_128_hexdigest(b"\n".join((said, work_id.encode(), digest.encode())))
    return _Candidate(work.where, work_id, registration, name, by_content=not work.work_id)


def _registration(
    work: Wanted, common: Common, document: Document | None, reference: Reference, work_id: str
) -> Register:
    signed_by = work.signed_by or common.signed_by
    attested = Attestation(exclusive=True, accurate=True, good_faith=True, signed_by=signed_by)
    paper = document_of(work.document) if work.document else document
    return Register(
        title=work.title or work_id,
        artists=work.artists,
        isrc=work.isrc,
        references=(reference,),
        policy=work.policy or common.policy,
        documents=() if paper is None else (paper,),
        attestation=attested if signed_by else None,
        valid_from=work.valid_from or common.valid_from,
        valid_until=work.valid_until or common.valid_until,
    )


def _reference(source: str, content: Content | None) -> Reference:
    """Return the one reference of a work, which needs no name of its own."""
    kind = media_type_of(source)
    if content is not None:
        return Reference("master", content=content, media_type=kind)
    return Reference("master", uri=source if is_uri(source) else uri_of(Path(source)), media_type=kind)


def _taken(found: _Candidate, candidates: dict[str, _Candidate]) -> Outcome | None:
    """Add a candidate, or return the outcome if its work was asked for before: the later would replace the earlier."""
    before = candidates.setdefault(found.work_id, found)
    if before is found:
        return None
    if found.by_content and before.by_content:
        return _outcome(found, What.SKIPPED, f"the same bytes as {before.where}")
    return _outcome(found, What.UNUSABLE, f"its work_id stands at {before.where} already")


def _outcome(candidate: _Candidate, what: What, why: str = "", copies_found: int = 0) -> Outcome:
    return Outcome(candidate.where, what, candidate.work_id, candidate.registration.title, why, copies_found)
