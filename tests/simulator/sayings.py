"""What rightsholders and the platform's legal team said, and how it was answered."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from services.contracts.decided import WorkReceipt
from services.contracts.submitted import Enroll, RightsholderSubmitted, WorkSubmitted, WorkUnreadable
from services.contracts.topics import RIGHTSHOLDERS_SUBMITTED, WORKS_RECEIPTS, WORKS_SUBMITTED
from services.contracts.types import milliseconds
from tests.simulator.log import Log, Written, facts
from tests.simulator.signatures import is_replayed, is_signed, time_of

Status = WorkReceipt.Status
Reason = WorkReceipt.Reason
FINAL = frozenset(set(Status) - {Status.HELD, Status.CONFLICTED, Status.ENFORCED})

BY_ENROLMENT = frozenset({Reason.UNKNOWN_RIGHTSHOLDER, Reason.SUSPENDED})
BY_SIGNATURE = frozenset({Reason.BAD_SIGNATURE, Reason.REPLAYED})

Submission = tuple[str, str]


class Said(NamedTuple):
    """An action, its place among all of its rightsholder's, its final receipt, and that one's place and time.

    What waits for a person has none: of it the receipt is HELD. `held`: when it began to, if it ever did.
    """

    order: int
    written: Written
    fact: WorkSubmitted
    receipt: WorkReceipt
    answered: Written
    held: Written | None = None

    @property
    def is_done(self) -> bool:
        """Whether it was carried out."""
        return self.receipt.status in FINAL - {Status.REJECTED}

    @property
    def is_of_catalogue(self) -> bool:
        """Whether it is about everything that its rightsholder holds."""
        fact = self.fact
        of_all = fact.settle is not None or fact.license_catalogue is not None
        return of_all or (fact.revoke is not None and not fact.work_id)


class Answers(NamedTuple):
    """The receipts of a submission_id: HELD and the final one of what counts, and how many others there are.

    `others`: of the same submission_id with another content. `forged`: when records were met that were not signed as
    they should be, one each.
    """

    held: tuple[Written, WorkReceipt] | None = None
    final: tuple[Written, WorkReceipt] | None = None
    others: int = 0
    forged: tuple[int, ...] = ()


def actions(log: Log) -> dict[str, list[Said]]:
    """Return what each rightsholder said and was answered, in order; only the first under a submission_id counts."""
    answers = answers_of(log)
    found: dict[str, list[Said]] = {}
    chosen = _chosen(log, answers)
    for order, (written, fact) in enumerate(submitted(log)):
        submission = (fact.rightsholder_id, fact.submission_id)
        answer = answers.get(submission, Answers())
        counts = answer.final or answer.held
        if counts is None or chosen.get(submission) != written.offset or not isinstance(fact, WorkSubmitted):
            continue
        held = answer.held[0] if answer.held else None
        found.setdefault(written.key, []).append(Said(order, written, fact, counts[1], counts[0], held))
    return found


def _chosen(log: Log, answers: Mapping[Submission, Answers]) -> dict[Submission, int]:
    """Return the offset of what counts under each submission_id: the first that may have been answered so."""
    chosen: dict[Submission, int] = {}
    others: dict[Submission, int] = {}
    read, came = _read_once(log, answers), Counter[Submission]()
    for written, fact in submitted(log):
        submission = (fact.rightsholder_id, fact.submission_id)
        came[submission] += 1
        answer = answers.get(submission, Answers())
        counts = answer.final or answer.held
        if submission in chosen or counts is None or is_forged(written, log):
            continue
        if came[submission] <= sum(time < received(counts[1]) for time in answer.forged):
            continue  # so many were answered as forged before that one was met
        if any(at > written.offset and time < received(counts[1]) for at, time in read.get(written.key, ())):
            continue  # it was read before that, so it is another one that was answered
        others.setdefault(submission, written.offset)
        refused = BY_ENROLMENT & set(counts[1].reasons)
        if (next(iter(refused)) if refused else None) in refusals(written, log, (received(counts[1]),)):
            chosen[submission] = written.offset
    return {**others, **chosen}


def _read_once(log: Log, answers: Mapping[Submission, Answers]) -> dict[str, list[tuple[int, int]]]:
    """Return by rightsholder the offset and the time of what was read when its answer says: what came only once."""
    count = Counter((fact.rightsholder_id, fact.submission_id) for _, fact in submitted(log))
    found: dict[str, list[tuple[int, int]]] = {}
    for written, fact in submitted(log):
        submission = (fact.rightsholder_id, fact.submission_id)
        answer = answers.get(submission, Answers())
        if count[submission] == 1 and (counts := answer.final or answer.held):
            found.setdefault(written.key, []).append((written.offset, received(counts[1])))
    return found


def received(receipt: WorkReceipt) -> int:
    """Return when a submission was met, in milliseconds since the epoch."""
    return milliseconds(receipt.received_at)


def answers_of(log: Log) -> dict[Submission, Answers]:
    """Return the receipts of each submission, but for those that follow ACCEPTED."""
    found: dict[Submission, Answers] = {}
    for written, receipt in facts(log, WORKS_RECEIPTS, WorkReceipt):
        submission = (receipt.rightsholder_id, receipt.submission_id)
        before = found.setdefault(submission, Answers())
        if BY_SIGNATURE & set(receipt.reasons):
            found[submission] = before._replace(forged=(*before.forged, received(receipt)))
        elif Reason.DUPLICATE_SUBMISSION in receipt.reasons:
            found[submission] = before._replace(others=before.others + 1)
        elif receipt.status in FINAL:
            assert before.final is None, f"{receipt} after {before.final}"
            found[submission] = before._replace(final=(written, receipt))
        elif receipt.status is Status.HELD:
            found[submission] = before._replace(held=(written, receipt))
    return found


def submitted(log: Log) -> Iterator[tuple[Written, WorkSubmitted | WorkUnreadable]]:
    """Go through all that rightsholders submitted, in order."""
    for written in log.written(WORKS_SUBMITTED):
        assert isinstance(written.fact, WorkSubmitted | WorkUnreadable)
        yield written, written.fact


def accounts_of(log: Log) -> dict[str, frozenset[str]]:
    """Return the accounts that each rightsholder's last enrolment names as their own."""
    found: dict[str, frozenset[str]] = {}
    for _, step in steps(log):
        if step.enroll is not None:
            found[step.rightsholder_id] = frozenset(step.enroll.accounts)
    return found


def steps(log: Log) -> list[tuple[Written, RightsholderSubmitted]]:
    """Return the steps of the legal team, those left out that repeat a submission_id with the same content."""
    seen: set[tuple[str, RightsholderSubmitted]] = set()
    found = []
    for written, step in facts(log, RIGHTSHOLDERS_SUBMITTED, RightsholderSubmitted):
        content = (step.submission_id, replace(step, submitted_at=None))
        if content not in seen:
            seen.add(content)
            found.append((written, step))
    return found


def refusals(written: Written, log: Log, times: tuple[int, ...]) -> set[Reason | None]:
    """Return how the enrolment may have answered a submission that was read at one of those times; None: not at all.

    It was read with the last step that was there before it, or with a later one.
    """
    mine = [(at, step) for at, step in steps(log) if step.rightsholder_id == written.key]
    before = sum(at.step < written.step for at, _ in mine)
    known = [[step for _, step in mine[:count]] for count in range(before, len(mine) + 1)]
    return {_refusal(one, written, time, log) for one in known for time in times}


def is_forged(written: Written, log: Log) -> bool:
    """Tell whether a record was for certain not taken for its rightsholder's, whenever it was read."""
    return refusals(written, log, times_of(written, log)) <= BY_SIGNATURE


def times_of(written: Written, log: Log) -> tuple[int, ...]:
    """Return times at which a record may have been read: as early and as late as can be, and when it was signed for."""
    first, last = written.time, log.now
    at = time_of(written.signed) if written.signed is not None else first
    return first, last, min(max(first, at), last)


def is_newcomer(written: Written, log: Log) -> bool:
    """Tell whether a rightsholder was on probation for certain, by every enrolment that may have held."""
    mine = [(at, step.enroll) for at, step in steps(log) if step.rightsholder_id == written.key]
    before = sum(at.step < written.step for at, _ in mine)
    known = [[enroll for _, enroll in mine[:count] if enroll is not None] for count in range(before, len(mine) + 1)]
    return all(one and one[-1].standing is Enroll.Standing.PROBATION for one in known)


def _refusal(known: list[RightsholderSubmitted], written: Written, time: int, log: Log) -> Reason | None:
    enrolled = [step.enroll for step in known if step.enroll is not None]
    standing = [step for step in known if step.enroll is None]
    key = enrolled[-1].public_key if enrolled else ""
    if key and not is_signed(written.signed, key):
        return Reason.BAD_SIGNATURE
    if key and is_replayed(written.signed, time, log.rules):
        return Reason.REPLAYED
    if not enrolled:
        return Reason.UNKNOWN_RIGHTSHOLDER
    return Reason.SUSPENDED if standing and standing[-1].suspend is not None else None
