"""How a work stands, as the lines of a table."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from services.cli.terminal import times
from services.client.standing import WorkStanding
from services.contracts.decided import WorkReceipt
from services.contracts.submitted import License, Policy

Rows = list[tuple[str, str | list[str]]]


def rows(standing: WorkStanding) -> Rows:
    """Return what is said about a work, line by line."""
    found: Rows = [("status", _state(standing)), ("last receipt", _receipt(standing.last))]
    if standing.held is not None:
        found.append(("held", f"{standing.held.submission_id} waits for a person; {standing.held.copies_found} copies"))
    if standing.in_force:
        found.append(("policy", _policy(standing.policy)))
        found += _window(standing.valid_from, standing.valid_until)
    for name, licences in (("licences", standing.licences), ("licences for all", standing.catalogue)):
        if licences:
            found.append((name, [_licence(each) for each in licences]))
    if standing.excluded:
        found.append(("not theirs", [f"{e.reference_id} {e.start_ms} to {e.end_ms} ms" for e in standing.excluded]))
    return [*found, *_counts(standing)]


def _counts(standing: WorkStanding) -> Iterator[tuple[str, str]]:
    so_far = "" if standing.enforced or not standing.in_force else " so far"
    yield "copies found", f"{standing.copies_found}{so_far}"
    yield "taken down", str(standing.taken_down)
    yield "refused re-uploads", str(standing.refused)
    yield "blocked now", str(standing.down_now)
    yield "reinstated", str(standing.reinstated)
    yield "disputes", _disputes(standing)


_LAST = {
    "dispute": "opened",
    "counter_notice": "answered by name",
    "uphold": "upheld",
    "release": "given up",
    "court_action": "in court",
    "withdraw": "withdrawn",
}


def _disputes(standing: WorkStanding) -> str:
    """Return how many there are, and what was said last in how many."""
    last = Counter(each.last_step for each in standing.disputes)
    said = ", ".join(f"{last[step]} {words}" for step, words in _LAST.items() if last[step])
    return f"{len(standing.disputes)}{f': {said}' if said else ''}"


def _state(standing: WorkStanding) -> str:
    since = "" if standing.since is None else f" since {times(standing.since)}"
    why = ", by a settlement of everything" if standing.settled else ""
    also = ", also listed by somebody else" if standing.conflicted else ""
    return f"{'in force' if standing.in_force else 'not in force'}{since}{why}{also}"


def _receipt(last: WorkReceipt | None) -> str:
    if last is None:
        return "none"
    reasons = f" [{', '.join(last.reasons)}]" if last.reasons else ""
    return f"{last.status}{reasons} for {last.submission_id}"


def _policy(policy: Policy | None) -> str:
    if policy is None:
        return "not known: its submission cannot be read any more"
    excerpt = f", but for excerpts of up to {policy.excerpt_ms_max} ms" if policy.excerpt_ms_max else ""
    return f"{policy.action} {_where(policy.territories)}{excerpt}"


def _window(begin: datetime | None, end: datetime | None) -> Iterator[tuple[str, str]]:
    if begin is not None or end is not None:
        yield "holds", _when(begin, end)


def _licence(licence: License) -> str:
    who = licence.licensee
    whom = (who.uploader_id and f"uploader {who.uploader_id}") or (who.community_id and f"community {who.community_id}")
    what = f"excerpts of up to {licence.excerpt_ms_max} ms" if licence.use is License.Use.EXCERPT else "all of it"
    when = _when(licence.valid_from, licence.valid_until)
    return f"{licence.license_id}: {whom or 'everybody'} may show {what} {_where(licence.territories)}, {when}"


def _where(territories: tuple[str, ...]) -> str:
    return f"in {', '.join(territories)}" if territories else "everywhere"


def _when(begin: datetime | None, end: datetime | None) -> str:
    parts = [f"from {times(begin)}"] if begin else []
    parts += [f"until {times(end)}"] if end else []
    return " ".join(parts) or "always"
