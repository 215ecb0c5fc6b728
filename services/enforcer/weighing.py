"""What each listing on an upload is worth: whether it applies, where, and what licences leave of it.

Sets of places are of one world (see `territories.py`), so that what is everywhere but in a licensed country can be
written out. Promises: a licence counts for all works of its rightsholder on the upload; an excerpt counts only where
its extent is known and every match that bears the licence keeps within it; what applies nowhere has a reason.
"""

from collections.abc import Iterable

from msgspec import Struct

from services.contracts.decided import VerdictDecided, WorkRef
from services.contracts.inside import Match
from services.contracts.rights import Licence, Segment, Terms
from services.contracts.sample import Likeness
from services.contracts.submitted import Policy, UploadSubmitted
from services.contracts.territories import Places

Reason = VerdictDecided.Reason
Action = Policy.Action
Area = frozenset[str]

STRICTER = (Action.BLOCK, Action.REVIEW, Action.TRACK)
"""The strictest first: of several listings of a work it is what counts."""

BETTER = (
    Reason.DISPUTE_WON,
    Reason.OWN_ACCOUNT,
    Reason.LICENSED,
    Reason.EXCERPT_ALLOWED,
    Reason.OUTSIDE_TERRITORY,
    Reason.RELEASED,
    Reason.NO_MATCH,
)
"""Why a work does not touch the upload: of several reasons the first is told."""


class Claim(Struct, frozen=True):
    """What a work comes to on an upload: what to do, where, and the matches that say so."""

    work: WorkRef
    action: Action
    where: Area
    matches: tuple[Match, ...]


class Weighed(Struct, frozen=True):
    """Every work on an upload: the claims, why others make none, and where each rightsholder allows it."""

    claims: tuple[Claim, ...]
    spared: dict[WorkRef, Reason]
    allowed: dict[str, Area]


def weigh(record: UploadSubmitted, matches: Iterable[Match], lost: set[WorkRef], now: int, world: Places) -> Weighed:
    """Weigh the matches. `lost`: works whose claim on these bytes is lost; `world`: in which all places are named."""
    standing: list[Match] = []
    why: dict[WorkRef, list[Reason]] = {}
    for match in matches:
        fallen = _fallen(match, lost, now)
        if fallen is None:
            standing.append(match)
        else:
            why.setdefault(work_of(match), []).append(fallen)
    allowed, because = _allowed(record, standing, now, world)
    upload = world.of(record.territories)
    found: dict[WorkRef, list[tuple[Match, Area]]] = {}
    for match in standing:
        theirs = match.rightsholder_id
        where, spared = _left(match, upload, allowed.get(theirs, frozenset()), world)
        if where:
            found.setdefault(work_of(match), []).append((match, where))
        else:
            why.setdefault(work_of(match), []).append(because[theirs] if spared is Reason.LICENSED else spared)
    claims = tuple(_claim(work, found[work]) for work in sorted(found, key=_ids))
    spared_works = {work: min(reasons, key=BETTER.index) for work, reasons in why.items() if work not in found}
    return Weighed(claims, spared_works, allowed)


def next_flip(matches: Iterable[Match], now: int) -> int | None:
    """Return when the next window of a work or of a licence begins or ends."""
    times = {time for match in matches for time in _edges(match.terms) if time > now}
    return min(times, default=None)


def world_of(record: UploadSubmitted, matches: Iterable[Match]) -> Places:
    """Return the world in which every place is that an upload and the terms of its matches name."""
    named = {match.terms.territories for match in matches}
    named |= {licence.territories for match in matches for licence in match.terms.licences}
    return Places(record.territories, *named)


def work_of(match: Match) -> WorkRef:
    """Return the work of a match."""
    return WorkRef(match.rightsholder_id, match.work_id)


def _ids(work: WorkRef) -> tuple[str, str]:
    return work.rightsholder_id, work.work_id


def _edges(terms: Terms) -> Iterable[int]:
    yield from (terms.valid_from, terms.valid_until)
    for licence in terms.licences:
        yield from (licence.valid_from, licence.valid_until)


def _fallen(match: Match, lost: set[WorkRef], now: int) -> Reason | None:
    """Return why a match does not apply at all, or None."""
    if work_of(match) in lost:
        return Reason.DISPUTE_WON
    if match.terms.valid_until and now >= match.terms.valid_until:
        return Reason.RELEASED
    if now < match.terms.valid_from or _is_excluded(match):
        return Reason.NO_MATCH
    return None


def _is_excluded(match: Match) -> bool:
    """Tell whether all that is alike lies in parts of the reference that are not the rightsholder's."""
    if match.likeness is None or not match.terms.excluded:
        return False
    start, end = match.likeness.reference_start_ms, match.likeness.reference_end_ms
    mine = [one for one in match.terms.excluded if one.reference_id == match.reference_id]
    for part in sorted(mine, key=_start):
        if part.start_ms <= start < part.end_ms:
            start = part.end_ms
            if start >= end > match.likeness.reference_start_ms:
                return True
    return False


def _start(part: Segment) -> int:
    return part.start_ms


def _extent_ms(likeness: Likeness | None) -> int | None:
    """Return for how long an upload shows what it shares; None if that is not known. The same bytes are all of it."""
    if likeness is None or likeness.upload_end_ms <= likeness.upload_start_ms:
        return None
    return likeness.upload_end_ms - likeness.upload_start_ms


def _is_within(match: Match, most_ms: int) -> bool:
    extent = _extent_ms(match.likeness)
    return extent is not None and extent <= most_ms


def _allowed(
    record: UploadSubmitted, standing: Iterable[Match], now: int, world: Places
) -> tuple[dict[str, Area], dict[str, Reason]]:
    """Return where each rightsholder allows the upload, and by what."""
    allowed: dict[str, Area] = {}
    because: dict[str, Reason] = {}
    bearers: dict[tuple[str, Licence], list[Match]] = {}
    for match in standing:
        theirs = match.rightsholder_id
        if record.uploader_id in match.terms.accounts:
            allowed[theirs], because[theirs] = world.all, Reason.OWN_ACCOUNT
        for licence in match.terms.licences:
            if _is_for(licence, record) and licence.valid_from <= now < (licence.valid_until or now + 1):
                bearers.setdefault((theirs, licence), []).append(match)
    for (theirs, licence), matches in bearers.items():
        most_ms = licence.excerpt_ms_max
        if not most_ms or all(_is_within(match, most_ms) for match in matches):
            allowed[theirs] = allowed.get(theirs, frozenset()) | world.of(licence.territories)
            because.setdefault(theirs, Reason.LICENSED)
    return allowed, because


def _is_for(licence: Licence, record: UploadSubmitted) -> bool:
    if licence.uploader_id:
        return licence.uploader_id == record.uploader_id
    return not licence.community_id or licence.community_id == record.community_id


def _left(match: Match, upload: Area, allowed: Area, world: Places) -> tuple[Area, Reason]:
    """Return where a match counts; if nowhere, why."""
    where = world.of(match.terms.territories) & upload
    if not where:
        return where, Reason.OUTSIDE_TERRITORY
    left = where - allowed
    if left and _is_within(match, match.terms.excerpt_ms_max):
        return frozenset(), Reason.EXCERPT_ALLOWED
    return left, Reason.LICENSED


def _claim(work: WorkRef, found: list[tuple[Match, Area]]) -> Claim:
    """Put together what the listings of a work say: while its terms change they may differ, the strictest counts."""
    action = min((match.terms.action for match, _ in found), key=STRICTER.index)
    strictest = [(match, where) for match, where in found if match.terms.action is action]
    area = frozenset().union(*(where for _, where in strictest))
    return Claim(work, action, area, tuple(match for match, _ in strictest))
