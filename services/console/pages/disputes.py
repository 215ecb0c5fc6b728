"""Disputes with their clocks, and the steps that people take: the enforcer decides whether a step counts."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.console.pages.deciding import say, wrong
from services.console.pages.paging import older
from services.console.paths import path_to
from services.console.people import May
from services.console.reading import disputes as reading
from services.console.views.objecting import MEANS
from services.console.views.words import GROUNDS
from services.console.visiting import Visit, see
from services.contracts.objections import (
    CounterNotice,
    CourtAction,
    Dispute,
    DisputeSubmitted,
    GiveUp,
    Uphold,
    Withdraw,
)
from services.contracts.topics import DISPUTES_SUBMITTED

ROWS_MAX = 20


async def list_open(visit: Visit) -> Response:
    """Show disputes, those with the latest step first; to a rightsholder, those of their claims."""
    scope = visit.scope
    async with visit.site.archive.connect() as connection:
        rows = await reading.latest(connection, scope, visit.asked("before"), ROWS_MAX + 1)
    return visit.render(
        "disputes.html",
        objections=[each.objection for each in rows[:ROWS_MAX] if each.objection],
        scope=scope.rightsholder_id,
        means=MEANS,
        grounds=GROUNDS,
        now=visit.site.now(),
        more=older("/disputes", rows, ROWS_MAX),
    )


async def take_step(visit: Visit) -> Response:
    """Say a step of a dispute, for a side that the viewer may speak for."""
    upload_id, kind = visit.answer("upload_id"), visit.answer("step")
    if not upload_id or kind not in _STEPS:
        raise wrong("The form does not say what it is about.")
    if kind in OF_CLAIMANT:
        _check_claimant(visit)
    elif not visit.viewer.may(May.SPEAK_FOR):
        raise HTTPException(HTTPStatus.FORBIDDEN, "You do not speak for uploaders.")
    dispute_id = visit.answer("dispute_id") or f"d-{uuid4().hex[:12]}"
    taken: dict[str, Any] = {kind: _STEPS[kind](visit)}
    step = DisputeSubmitted(upload_id, dispute_id, visit.answer("takedown_id"), visit.site.now(), **taken)
    await say(visit, DISPUTES_SUBMITTED, upload_id, step)
    return see(f"{path_to('uploads', upload_id)}?sent=1")


def _check_claimant(visit: Visit) -> None:
    if not visit.viewer.may_answer(visit.answer("rightsholder_id")):
        raise HTTPException(HTTPStatus.FORBIDDEN, "You do not answer for this rightsholder.")


def _dispute(visit: Visit) -> Dispute:
    ground = visit.answer("ground")
    if ground not in set(Dispute.Ground):
        raise wrong("Choose why the takedown is wrong.")
    return Dispute(Dispute.Ground(ground), visit.answer("statement"))


def _counter_notice(visit: Visit) -> CounterNotice:
    statement, name, address, signed_by = map(visit.answer, ("statement", "name", "address", "signed_by"))
    consents = visit.answer("consent") == "yes"
    return CounterNotice(statement, name, address, signed_by, consent_to_jurisdiction=consents)


OF_CLAIMANT = frozenset({"uphold", "release", "court_action"})
_STEPS: Mapping[str, Callable[[Visit], object]] = {
    "dispute": _dispute,
    "counter_notice": _counter_notice,
    "uphold": lambda visit: Uphold(visit.answer("rightsholder_id"), visit.answer("statement")),
    "release": lambda visit: GiveUp(visit.answer("rightsholder_id")),
    "court_action": lambda visit: CourtAction(visit.answer("rightsholder_id"), visit.answer("evidence_uri")),
    "withdraw": lambda _: Withdraw(),
}
