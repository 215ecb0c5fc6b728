"""A work's page: how it stands, what its registration says, its copies by figures and over time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.client.standing import WorkStanding, add_up
from services.console.views.charts import Chart, chart
from services.console.views.counting import Counter
from services.console.views.overview import HAPPENED
from services.console.views.timeline import Moment, latest_first
from services.console.views.words import RECEIPTS
from services.contracts.decided import TakedownIssued, WorkReceipt
from services.contracts.submitted import License as Licence
from services.contracts.submitted import Register, WorkSubmitted

Status = WorkReceipt.Status


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies of a work. `by_day`: those that came down at its registration, were refused, and came back."""

    taken_down: int = 0
    refused: int = 0
    down_now: int = 0
    by_day: tuple[tuple[datetime, tuple[int, int, int]], ...] = ()
    latest: tuple["Copy", ...] = ()
    disputes: tuple["DisputeLine", ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy, by its latest takedown or reinstatement."""

    at: datetime
    status: TakedownIssued.Status
    basis: TakedownIssued.Basis
    upload_id: str


@dataclass(frozen=True, slots=True)
class DisputeLine:
    """A dispute of a copy: its latest step."""

    at: datetime
    upload_id: str
    step: str


@dataclass(frozen=True, slots=True)
class WorkView:
    """What the page shows."""

    rightsholder_id: str
    work_id: str
    title: str
    state: str
    means: str
    terms: tuple[tuple[str, str], ...]
    counters: tuple[Counter, ...]
    chart: Chart
    takedowns: Sequence[Copy]
    disputes: Sequence[DisputeLine]
    moments: list[Moment]


def work_view(
    ids: tuple[str, str], submissions: Sequence[WorkSubmitted], receipts: Sequence[WorkReceipt], copies: Copies
) -> WorkView:
    """Return the page of a work from its submissions and receipts, each in order, and its copies."""
    standing = add_up(receipts, (), submissions)
    register = next((each.register for each in reversed(submissions) if each.register), None)
    return WorkView(
        *ids,
        register.title if register else "",
        *_state(standing),
        _terms(standing, register),
        _counters(standing, copies),
        chart("Copies by day", HAPPENED, copies.by_day, "%-d %b %Y"),
        copies.latest,
        copies.disputes,
        latest_first(_moments(submissions, receipts)),
    )


def _state(standing: WorkStanding) -> tuple[str, str]:
    if standing.in_force:
        held = " A later registration of it waits for a person." if standing.held else ""
        also = " Somebody else lists the same bytes; both stand." if standing.conflicted else ""
        return "ACCEPTED", f"It is in force: every copy is acted on, wherever it is posted.{also}{held}"
    if standing.held:
        return "HELD", "It waits for a person, and has no effect on any upload until then."
    if standing.settled:
        return "RELEASED", "A settlement has ended it, and what was taken down for it came back."
    if standing.last is None:
        return "SUBMITTED", "It has been submitted and not answered yet."
    return str(standing.last.status), f"It is not in force: {RECEIPTS[standing.last.status]}."


def _terms(standing: WorkStanding, register: Register | None) -> tuple[tuple[str, str], ...]:
    policy = standing.policy
    told = (
        ("since", f"{standing.since:%-d %B %Y, %H:%M}" if standing.since else ""),
        ("artists", ", ".join(register.artists) if register else ""),
        ("references", ", ".join(each.reference_id for each in register.references) if register else ""),
        (
            "policy",
            f"{policy.action}{' in ' + ', '.join(policy.territories) if policy.territories else ''}" if policy else "",
        ),
        ("valid", _window(standing.valid_from, standing.valid_until)),
        ("licences", ", ".join(map(_licence, standing.licences))),
        ("licences for everything", ", ".join(map(_licence, standing.catalogue))),
        (
            "excluded",
            ", ".join(f"{each.reference_id} {each.start_ms} to {each.end_ms} ms" for each in standing.excluded),
        ),
    )
    return tuple((name, value) for name, value in told if value)


def _window(since: datetime | None, until: datetime | None) -> str:
    return " ".join(f"{word} {at:%-d %B %Y}" for word, at in (("from", since), ("until", until)) if at)


def _licence(licence: Licence) -> str:
    to = licence.licensee
    return f"{licence.license_id} to {to.uploader_id or to.community_id or 'everybody'}"


def _counters(standing: WorkStanding, copies: Copies) -> tuple[Counter, ...]:
    return (
        Counter("found", "copies found at registration", f"{standing.copies_found:,}", "accent"),
        Counter("taken_down", "taken down then", f"{copies.taken_down:,}", "blocked"),
        Counter("refused", "re-uploads refused since", f"{copies.refused:,}", "blocked"),
        Counter("down_now", "blocked now", f"{copies.down_now:,}", "held"),
        Counter("back", "came back", f"{copies.taken_down + copies.refused - copies.down_now:,}", "clear"),
        Counter("disputes", "disputes", f"{len(copies.disputes):,}", "held"),
    )


def _moments(submissions: Sequence[WorkSubmitted], receipts: Sequence[WorkReceipt]) -> list[Moment]:
    """Return submissions and answers; an answer says when what it answers was received, which the sender cannot."""
    received = {each.submission_id: each.received_at for each in reversed(receipts)}
    told = [_action(each, received[each.submission_id]) for each in submissions if each.submission_id in received]
    return [*told, *map(_answer, receipts)]


def _action(fact: WorkSubmitted, at: datetime) -> Moment:
    action = next((name for name in ACTIONS if getattr(fact, name) is not None), "unreadable")
    return Moment(
        at, f"Submitted: {action.replace('_', ' ')}", colour="accent", more=(("submission", fact.submission_id),)
    )


def _answer(fact: WorkReceipt) -> Moment:
    problems = " ".join(f"{each.field}: {each.cure}" for each in fact.problems)
    more = (("reasons", ", ".join(fact.reasons)), ("what to do", problems), ("submission", fact.submission_id))
    shown = tuple((name, value) for name, value in more if value)
    colour = _COLOURS.get(fact.status, "")
    return Moment(fact.decided_at, f"Answer: {RECEIPTS[fact.status]}", colour=colour, more=shown, pill=str(fact.status))


ACTIONS = ("register", "release", "license", "revoke", "exclude", "license_catalogue", "settle")
_COLOURS = {
    Status.ACCEPTED: "clear",
    Status.ENFORCED: "clear",
    Status.REJECTED: "blocked",
    Status.HELD: "held",
    Status.CONFLICTED: "held",
}
