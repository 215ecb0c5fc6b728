"""What follows from what reading an upload found, or failed to find."""

from msgspec.structs import replace

from services.contracts.inside import CopyChanged, ReadRequested, UploadRead
from services.contracts.processor import Emit, Event
from services.contracts.reading import BUSY_MAX, Failure, busy_pause_ms
from services.contracts.sample import Sample
from services.contracts.topics import COPIES_CHANGED, READS_REQUESTED
from services.contracts.types import Content
from services.enforcer.case import RETRIES_MAX, SECOND_MS, UNANSWERED_MS, Case, Step
from services.enforcer.verdicts import Reason, publish, unscanned

FINAL = frozenset({Failure.NOT_ALLOWED, Failure.UNSUPPORTED_SCHEME})
"""Failures that the uri alone decides: reading again cannot help."""


def read(case: Case, found: UploadRead, event: Event) -> Step:
    """Take what a read of the present submission found."""
    if found.submission <= case.stale_offset and found.attempt < case.stale_attempt:
        return Step(case)
    if found.failure is not None:
        current = case.content is None and found.attempt == case.attempt
        return _failed(case, found.failure, event) if current else Step(case)
    assert found.content is not None, "a read has content or a failure"  # noqa: S101  # an invariant of the hasher
    if case.content is None:
        return _came(case, found.content, found.sample, event)
    return Step(case) if case.content == found.content else _changed(case, event)


def copy_changed(case: Case, event: Event, *, present: bool, sample: Sample | None = None) -> tuple[Emit, ...]:
    """Tell the matcher that the submission has its bytes, of which this is a sample, or has them no longer."""
    if case.content is None:
        return ()
    digest = case.content.blake3
    change = CopyChanged(digest, event.key, case.submission, present, event.partition, sample)
    return (Emit(COPIES_CHANGED, digest, change),)


def ask(case: Case, event: Event) -> Step:
    """Ask for the upload to be read, and once more later if nobody answers."""
    assert case.record is not None, "only a submission that is alive is read"  # noqa: S101  # an invariant
    said = case.record
    asked = ReadRequested(
        event.key, case.submission, case.attempt, said.uri, case.slow, said.media_type, said.size_bytes
    )
    emit = Emit(READS_REQUESTED, event.key, asked, event.partition)
    unanswered_at = event.now + UNANSWERED_MS * 2 ** max(case.tries, 0)
    return Step(replace(case, tries=case.tries + 1, retry_at=unanswered_at), (emit,))


def look_again(case: Case, event: Event) -> Step:
    """Begin the reads anew for an identical resubmission of what was given up."""
    given_up = case.content is None and case.answered and case.retry_at is None
    return ask(replace(case, attempt=case.attempt + 1, tries=0, slow=False, busy=0), event) if given_up else Step(case)


def _came(case: Case, content: Content, sample: Sample | None, event: Event) -> Step:
    """Take the bytes; the sample of them is passed on and not kept, for it can be large."""
    came = replace(case, content=content, retry_at=None, busy=0, match_version=-1)
    return Step(came, copy_changed(came, event, present=True, sample=sample))


def _changed(case: Case, event: Event) -> Step:
    """Take back what was compared, since the file is not what it was; only newer reads count."""
    gone = copy_changed(case, event, present=False)
    void = replace(
        case,
        content=None,
        match_version=-1,
        attempt=case.attempt + 1,
        stale_offset=case.seen,
        stale_attempt=case.attempt + 1,
        listing=None,
        ended=None,
        matched=False,
        flip_at=None,
        held=(),
        held_from_start=False,
    )
    step = publish(void, unscanned(void, Reason.CHANGED, complete=False), event)
    again = ask(step.case, event)
    return Step(again.case, (*gone, *step.emit, *again.emit))


def _failed(case: Case, failure: Failure, event: Event) -> Step:
    """Say so at once and ask again later; what only takes long is asked for on the slow lane, and nothing said yet."""
    if failure is Failure.BUSY:
        return Step(_put_off(case, event))
    if failure is Failure.SLOW and not case.slow:
        return ask(replace(case, slow=True, busy=0, attempt=case.attempt + 1), event)
    reason = Reason.TIMED_OUT if failure is Failure.SLOW else Reason(failure)
    final = failure in FINAL or case.tries >= RETRIES_MAX
    retry_at = None if final else event.now + SECOND_MS * 2 ** max(case.tries, 0)
    attempt = case.attempt if final else case.attempt + 1
    failed = replace(case, attempt=attempt, retry_at=retry_at, busy=0, answered=True)
    return publish(failed, unscanned(failed, reason, complete=final), event)


def _put_off(case: Case, event: Event) -> Case:
    """Ask again later what the hasher had no room for: no try, since nobody looked at the file, and no verdict."""
    pause_ms = busy_pause_ms(case.busy, f"{event.key} {case.submission} {case.attempt}")
    return replace(
        case,
        attempt=case.attempt + 1,
        tries=max(case.tries - 1, -1),
        busy=min(case.busy + 1, BUSY_MAX),
        retry_at=event.now + pause_ms,
    )
