"""Passing a change on to the copies that were there: a round through all of them, in bounded steps.

Each copy remembers the version that it was told, so a copy is told once per version however the steps fall. A round
is over when the cursor has come full circle since the last change; only then are the listings ENFORCED.
"""

from collections.abc import Sequence
from dataclasses import replace

from services.contracts.inside import Match, MatchFound
from services.contracts.processor import HEAD, Decision, Emit, View
from services.contracts.topics import MATCHES_FOUND, MATCHES_REVISED
from services.matcher.answers import Answer, answer_about
from services.matcher.state import Copy, Digest, Round

COPIES_PER_STEP = 500
"""Copies told in one step. At one step per transaction this is 5,000 to 10,000 copies a second, and a step takes a
few milliseconds, so that others do not notice it."""


def begin(digest: Digest) -> Digest:
    """Return the head after a change of its listings: a new version, and a round from where the cursor stands."""
    return around(replace(digest, version=digest.version + 1))


def around(digest: Digest) -> Digest:
    """Return the head with a round through all copies that are there, if any, from where the cursor stands."""
    if digest.copies == 0:
        return replace(digest, round=None)
    cursor = digest.round.cursor if digest.round else ""
    return replace(digest, round=Round(cursor=cursor, stop=cursor))


def step(state: View, digest: Digest, key: str) -> Decision:
    """Tell the next copies; at the end of the round say that every listing has been passed on."""
    if digest.round is None:
        return Decision()
    copies = state.after(f"copy/{digest.round.cursor}", COPIES_PER_STEP)
    told, at = _tell(copies, digest, digest.round, key)
    changes: dict[str, object | None] = {f"copy/{upload_id}": copy for upload_id, copy, _ in told}
    emit = [revised for _, _, revised in told]
    if len(copies) < COPIES_PER_STEP and at is not None:
        at = None if at.wrapped or not at.stop else replace(at, cursor="", wrapped=True)
    head = replace(digest, round=at)
    if at is None:
        head, answers = enforced(head, key)
        emit += answers
    changes[HEAD] = head
    return Decision(changes, emit)


def _tell(
    copies: Sequence[tuple[str, Copy]], digest: Digest, at: Round, key: str
) -> tuple[list[tuple[str, Copy, Emit]], Round | None]:
    """Return the copies to tell, and where the round stands after them: None when it is over."""
    told: list[tuple[str, Copy, Emit]] = []
    for name, copy in copies:
        upload_id = name.removeprefix("copy/")
        if at.wrapped and upload_id > at.stop:
            return told, None
        if copy.told < digest.version:
            current = replace(copy, told=digest.version)
            revised = found(key, upload_id, current, digest)
            topic = MATCHES_REVISED if copy.told >= 0 else MATCHES_FOUND
            told.append((upload_id, current, Emit(topic, upload_id, revised, copy.partition)))
        at = replace(at, cursor=upload_id)
    return told, at


def found(key: str, upload_id: str, copy: Copy, digest: Digest) -> MatchFound:
    """Return everything in force on a copy's bytes, as of the digest's version."""
    return MatchFound(
        upload_id=upload_id,
        submission=copy.submission,
        digest=key,
        version=digest.version,
        matches=tuple(
            Match(one.rightsholder_id, one.work_id, one.reference_id, one.likeness) for one in digest.listings
        ),
        ended=digest.ended,
    )


def enforced(digest: Digest, key: str) -> tuple[Digest, tuple[Emit, ...]]:
    """Return the head with every listing enforced, and an answer for each that was not."""
    answers = tuple(answer_about(one, key, Answer.ENFORCED) for one in digest.listings if not one.enforced)
    return replace(digest, listings=tuple(replace(one, enforced=True) for one in digest.listings)), answers
