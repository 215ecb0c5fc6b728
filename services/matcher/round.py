"""Passing a change on to the copies that were there: a round through all of them, in bounded steps.

Each copy remembers the version that it was told, so a copy is told once per version however the steps fall. A round
is over when the cursor has come full circle since the last change; only then are the listings ENFORCED.
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.inside import MatchFound
from services.contracts.processor import HEAD, Decision, Emit, View
from services.contracts.topics import MATCHES_FOUND, MATCHES_REVISED
from services.matcher.answers import Answer, answer_about
from services.matcher.rulings import in_force
from services.matcher.state import Copy, Digest, Round

COPIES_PER_STEP = 500
"""Copies told in one step. At one step per transaction this is 5,000 to 10,000 copies a second, and a step takes a
few milliseconds, so that others do not notice it."""

STEP_BYTES_MAX = 4 * 1024 * 1024
"""What the copies of one step are told, together: with 64 listings of long ids and terms one is told 840 KB, and 500
would make one transaction of 420 MB."""

STEP_COPIES = 10
"""What a step takes beside its copies, in copies: the head, the answers, looking for what is there."""

Tell = Callable[[str, Copy], MatchFound]


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
    tell = telling(key, digest)
    limit = copies_per_step(tell)
    copies = state.after(f"copy/{digest.round.cursor}", limit)
    told, at = _tell(copies, digest, digest.round, tell)
    changes: dict[str, object | None] = {f"copy/{upload_id}": copy for upload_id, copy, _ in told}
    emit = [revised for _, _, revised in told]
    if len(copies) < limit and at is not None:
        at = None if at.wrapped or not at.stop else replace(at, cursor="", wrapped=True)
    head = replace(digest, round=at)
    if at is None:
        head, answers = enforced(head, key)
        emit += answers
    changes[HEAD] = head
    return Decision(changes, emit)


def copies_per_step(tell: Tell) -> int:
    """Return how many copies may be told at once."""
    size_bytes = len(encode(tell("", Copy(0, 0, 0))))
    return max(min(COPIES_PER_STEP, STEP_BYTES_MAX // size_bytes), 1)


def weight(entry: Digest | Copy) -> float:
    """Return how much of a turn the next step of a round takes: of bytes with few copies little.

    A catalogue's settlement is a round for each of its works; with a turn for each, 44 works a second came back.
    """
    if not isinstance(entry, Digest):
        return 1.0
    return min((entry.copies + STEP_COPIES) / copies_per_step(telling("", entry)), 1.0)


def _tell(
    copies: Sequence[tuple[str, Copy]], digest: Digest, at: Round, tell: Tell
) -> tuple[list[tuple[str, Copy, Emit]], Round | None]:
    """Return the copies to tell, and where the round stands after them: None when it is over."""
    told: list[tuple[str, Copy, Emit]] = []
    for name, copy in copies:
        upload_id = name.removeprefix("copy/")
        if at.wrapped and upload_id > at.stop:
            return told, None
        if copy.told < digest.version:
            current = replace(copy, told=digest.version)
            revised = tell(upload_id, current)
            topic = MATCHES_REVISED if copy.told >= 0 else MATCHES_FOUND
            told.append((upload_id, current, Emit(topic, upload_id, revised, copy.partition)))
        at = replace(at, cursor=upload_id)
    return told, at


def telling(key: str, digest: Digest) -> Tell:
    """Return what says, of a copy, everything in force on its bytes, as of the digest's version.

    What is in force is made out once, however many copies are told.
    """
    matches, ended = in_force(digest)

    def tell(upload_id: str, copy: Copy) -> MatchFound:
        return MatchFound(upload_id, copy.submission, key, digest.version, matches, ended)

    return tell


def settle(digest: Digest, key: str) -> tuple[Digest, tuple[Emit, ...]]:
    """Return the head with every listing enforced, if there is nobody left to be told."""
    return enforced(digest, key) if digest.round is None and digest.is_compared else (digest, ())


def enforced(digest: Digest, key: str) -> tuple[Digest, tuple[Emit, ...]]:
    """Return the head with every listing enforced, and an answer for each that was not."""
    answers = tuple(answer_about(one, key, Answer.ENFORCED) for one in digest.listings if not one.enforced)
    return replace(digest, listings=tuple(replace(one, enforced=True) for one in digest.listings)), answers
