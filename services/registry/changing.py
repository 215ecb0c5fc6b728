"""Licences and exclusions of one work: they change what its listings are worth, backwards and forwards."""

from typing import assert_never

from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.decided import Problem
from services.registry.listings import put_again
from services.registry.problems import Reason, invalid, problem
from services.registry.receipts import Status, rejected
from services.registry.registrations import Action, Cut
from services.registry.rights import in_time, with_licence, without_licence
from services.registry.state import WORK_RIGHTS_BYTES_MAX, Work
from services.registry.turn import Turn

UNKNOWN_WORK = problem(Reason.UNKNOWN_WORK, "work_id", "Name a work of yours that is registered.")
UNKNOWN_LICENSE = problem(Reason.UNKNOWN_LICENSE, "revoke.license_id", "Name a licence that you have given.")
UNKNOWN_REFERENCE = invalid("exclude.reference_id", "Name a reference of the work that is registered now.")


def begin_change(turn: Turn, action: Action) -> Turn:
    """Change a work's rights and put its listings again; what cannot be is refused when its turn has come."""
    after = _changed(turn.work, action, turn.event.now)
    if isinstance(after, Problem):
        return turn.saying(rejected(turn.event, turn.work_id, action.submission_id, action.received_at, after))
    number = turn.head.number + 1  # later than all that was put, also while this waited
    turn = turn.with_head(number=number)
    return put_again(turn.with_work(licences=after.licences, excluded=after.excluded, doing=action), number)


def _changed(before: Work, action: Action, now: int) -> Work | Problem:
    """Return the work after a change of its rights, without the licences that have ended by then."""
    if before.current is None and before.pending is None:
        return UNKNOWN_WORK
    work = replace(before, licences=in_time(before.licences, now))
    match action.status:
        case Status.LICENSED:
            assert action.licence is not None, "that is what its status says"  # noqa: S101  # an invariant
            after = replace(work, licences=with_licence(work.licences, action.licence))
            return after if _fits(after) else invalid("license", "Revoke licences of the work, or name fewer places.")
        case Status.REVOKED:
            is_known = any(one.license_id == action.revoked for one in before.licences)
            after = replace(work, licences=without_licence(work.licences, action.revoked))
            return after if is_known else UNKNOWN_LICENSE
        case Status.EXCLUDED:
            assert action.excluded is not None, "that is what its status says"  # noqa: S101  # an invariant
            return _excluding(work, action.excluded)
        case Status.ACCEPTED | Status.RELEASED | Status.REJECTED | Status.HELD | Status.CONFLICTED | Status.ENFORCED:
            raise AssertionError(f"{action.status} changes no rights")
        case _:
            assert_never(action.status)


def _excluding(work: Work, cut: Cut) -> Work | Problem:
    """Exclude a part of the bytes that the reference has now, in force or held."""
    registrations = (one for one in (work.current, work.pending) if one is not None)
    digests = {one.digest for each in registrations for one in each.references if one.reference_id == cut.reference_id}
    if not digests:
        return UNKNOWN_REFERENCE
    cuts = tuple(replace(cut, digest=digest) for digest in sorted(digests))
    after = replace(work, excluded=(*(one for one in work.excluded if one not in cuts), *cuts))
    return after if _fits(after) else invalid("exclude", "Exclude fewer parts of the work, or revoke licences of it.")


def _fits(work: Work) -> bool:
    return len(encode((work.licences, work.excluded))) <= WORK_RIGHTS_BYTES_MAX
