"""Disputes: the uploader objects to takedowns, their claimants answer, and silence decides (17 U.S.C. 512(g)).

    dispute ─► OPEN ─ uphold ─► UPHELD ─ counter_notice ─► COUNTERED ─ court_action ─► COURT
                 └──────────── counter_notice ───────────────┘

From OPEN and COUNTERED silence until the deadline ends the claim, as `release` by the claimant does from anywhere; a
counter-notice may also come first. `withdraw` ends the dispute, and the block stays; in COURT there is nothing to
withdraw, or the claimant would have to answer again, and would lose by silence. A claim that was upheld, or that a
court is to decide, is not disputed again, however the dispute went on and whoever submits these bytes as this upload:
after that there is only a counter-notice. A claim that ends is lost for these bytes. Each takedown in a dispute goes
its own way, since each claimant answers for their own works alone.
Promises: a step that is refused changes nothing and is answered to who took it; every other one is told to the other
side, with its deadline; a record counts once; deadlines flip only when woken.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.decided import WorkRef
from services.contracts.objections import CounterNotice, CourtAction, DisputeSubmitted, GiveUp, Uphold
from services.contracts.objections import Dispute as Opening
from services.contracts.processor import Emit, Event, View
from services.enforcer.calendar import business_days_after, days_after
from services.enforcer.case import DISPUTES_MAX, OBJECTIONS, Case, Contested, Dispute, Objections, Stage, Step
from services.enforcer.correspondence import (
    tell_answer,
    tell_counter_notice,
    tell_lost,
    tell_opened,
    tell_refused,
    tell_withdrawn,
)
from services.enforcer.endings import down, without_ended
from services.enforcer.judging import claim_id
from services.enforcer.matches import found_of, judged
from services.enforcer.reviews import forget_at, lose, with_claims

ANSWERED = {Uphold: (Stage.OPEN, Stage.UPHELD), CourtAction: (Stage.COUNTERED, Stage.COURT)}
"""What a claimant's step needs, and what it leads to."""

WORDS_BYTES_MAX = 48 * 1024
"""What a dispute or a counter-notice says, as JSON: each of up to 64 claimants is sent all of it, and with the longest
ids one record still writes less than 4 MiB. Any statement of 15,000 characters has room, whatever its alphabet."""

NOT_WAITING = {
    Stage.OPEN: "nothing waits for their answer",
    Stage.COUNTERED: "no counter-notice waits for their answer",
}


class Before(NamedTuple):
    """What a step meets: the case, the disputes there are, the works that the upload is down for by takedown_id.

    `upheld`: the claims that were upheld already.
    """

    case: Case
    disputes: tuple[Dispute, ...]
    works: dict[str, WorkRef]
    upheld: tuple[str, ...]
    step: DisputeSubmitted
    event: Event

    def means(self, takedown_id: str) -> bool:
        """Tell whether the step is about a takedown: the one that it names, or all."""
        return self.step.takedown_id in ("", takedown_id)

    def of(self, contested: Sequence[Contested]) -> list[WorkRef]:
        """Return the works of takedowns."""
        return [self.works[one.takedown_id] for one in contested]

    @property
    def dispute(self) -> Dispute | None:
        """The dispute that the step names."""
        return next((one for one in self.disputes if one.dispute_id == self.step.dispute_id), None)


class Taking(NamedTuple):
    """What a step leads to: the dispute after it, what is said of it, and the works whose claims are lost or upheld."""

    dispute: Dispute
    emit: tuple[Emit, ...] = ()
    lost: Sequence[WorkRef] = ()
    upheld: Sequence[WorkRef] = ()


def disputed(state: View, case: Case, step: DisputeSubmitted, event: Event) -> Step:
    """Take one step of a dispute."""
    kept: Objections = state.get(OBJECTIONS) or Objections()
    if event.offset <= kept.disputed:
        return Step(case)
    present = without_ended(kept, case, event.key)
    met = replace(present, disputed=event.offset, forget_at=forget_at(case, event))
    taking = _take(Before(case, present.disputes, down(case, event.key), present.upheld, step, event))
    if isinstance(taking, str):
        return Step(case, (tell_refused(case, step, taking, event),), objections=met)
    upheld = with_claims(present.upheld, tuple(claim_id(case, work) for work in taking.upheld))
    met = replace(met, disputes=_kept(present.disputes, taking.dispute), upheld=upheld)
    return _end_claims(state, Step(case, taking.emit, objections=met), taking.lost, event)


def is_short_enough(step: DisputeSubmitted) -> bool:
    """Tell whether what an uploader says can be sent to every claimant whole."""
    said = step.dispute or step.counter_notice
    return said is None or len(encode(said)) <= WORDS_BYTES_MAX


def overdue(state: View, case: Case, event: Event) -> Step:
    """Do what is due: whoever has not answered by now has lost."""
    before: Objections = state.get(OBJECTIONS) or Objections()
    if before.forget_at is not None and before.forget_at <= event.now:
        return Step(case, objections=None if case.record is None else replace(before, forget_at=None))
    present, works = without_ended(before, case, event.key), down(case, event.key)
    kept: list[Dispute] = []
    lost: list[WorkRef] = []
    emit: list[Emit] = []
    for dispute in present.disputes:
        silent = [one for one in dispute.contested if one.until and one.until <= event.now]
        for stage, until in {(one.stage, one.until): None for one in silent}:
            gone = [works[one.takedown_id] for one in silent if (one.stage, one.until) == (stage, until)]
            lost += gone
            emit += tell_lost(dispute, gone, (stage, until), event)
        kept.append(replace(dispute, contested=tuple(one for one in dispute.contested if one not in silent)))
    after = Step(case, tuple(emit), objections=replace(present, disputes=tuple(kept)))
    return _end_claims(state, after, lost, event)


def _end_claims(state: View, step: Step, works: Sequence[WorkRef], event: Event) -> Step:
    """End the claims that are lost; the upload comes back for these works."""
    if not works:
        return step
    lost, rulings = lose(step.case, works)
    after = judged(lost, found_of(state, lost), event)
    return Step(after.case, (*step.emit, *rulings, *after.emit), objections=step.objections)


def _take(before: Before) -> Taking | str:
    """Return what a step leads to, or why it is refused."""
    step, dispute = before.step, before.dispute
    if not is_short_enough(step):
        return f"what it says takes more than {WORDS_BYTES_MAX // 1024} KiB as JSON, and is sent on whole or not at all"
    if step.dispute is not None:
        return _open(before, step.dispute)
    if step.counter_notice is not None:
        return _counter(before, step.counter_notice)
    if dispute is None or not dispute.contested:
        return "there is no such dispute, or it is over"
    if step.withdraw is not None:
        return _withdraw(before, dispute)
    answer = step.uphold or step.release or step.court_action
    assert answer is not None, "one of the steps is there"  # noqa: S101  # checked when it was made
    return _answer(before, dispute, answer)


def _open(before: Before, said: Opening) -> Taking | str:
    case, event = before.case, before.event
    chosen = _choose(before)
    if isinstance(chosen, str):
        return chosen
    chosen = [one for one in chosen if claim_id(case, before.works[one]) not in before.upheld]
    if not chosen:
        return "the claimant has upheld it already, and only a counter-notice can answer that"
    until = days_after(event.now, event.rules.claimant_days)
    contested = tuple(Contested(one, Stage.OPEN, until) for one in chosen)
    dispute = Dispute(before.step.dispute_id, event.offset, contested)
    return Taking(dispute, tell_opened(case, dispute, before.of(contested), said, event))


def _counter(before: Before, said: CounterNotice) -> Taking | str:
    """Take a counter-notice: the first word of a dispute, or the answer to a claim that is open or upheld."""
    case, event, dispute = before.case, before.event, before.dispute
    if not said.consent_to_jurisdiction:
        return "a counter-notice has to consent to the jurisdiction of the court"
    if dispute is None or not dispute.contested:
        chosen = _choose(before)
        if isinstance(chosen, str):
            return chosen
        contested = tuple(Contested(one, Stage.OPEN) for one in chosen)
        dispute = Dispute(before.step.dispute_id, event.offset, contested)
    mine = [one for one in dispute.contested if before.means(one.takedown_id)]
    answering = [one for one in mine if one.stage in (Stage.OPEN, Stage.UPHELD)]
    if not answering:
        return "a counter-notice was given already" if mine else "what it names is not in this dispute"
    until = business_days_after(event.now, event.rules.counter_business_days, event.rules.holidays)
    after = _moved(dispute, answering, Stage.COUNTERED, until)
    return Taking(after, tell_counter_notice(case, after, before.of(answering), said, event))


def _withdraw(before: Before, dispute: Dispute) -> Taking | str:
    """Take what the step is about out of the dispute, but for what a court is to decide: nobody is to answer again."""
    mine = [one for one in dispute.contested if before.means(one.takedown_id)]
    gone = [one for one in mine if one.stage is not Stage.COURT]
    if not gone:
        return "a court is to decide" if mine else "what it names is not in this dispute"
    after = replace(dispute, contested=tuple(one for one in dispute.contested if one not in gone))
    return Taking(after, tell_withdrawn(dispute, before.of(gone), before.event))


def _choose(before: Before) -> list[str] | str:
    """Return the takedowns that a new dispute is about, or why there can be none."""
    if not before.works:
        return "the upload is not taken down"
    named = [one for one in before.works if before.means(one)]
    if not named:
        return "the upload is not taken down by the takedown that it names"
    if before.dispute is not None:
        return "there was a dispute of this name already: another one needs another name"
    if sum(bool(one.contested) for one in before.disputes) >= DISPUTES_MAX:
        return "there are too many open disputes about this upload"
    taken = {one.takedown_id for dispute in before.disputes for one in dispute.contested}
    return [one for one in named if one not in taken] or "what it is about is in dispute already"


def _answer(before: Before, dispute: Dispute, said: Uphold | GiveUp | CourtAction) -> Taking | str:
    """Take a claimant's step, about their own works alone."""
    theirs = [one for one in dispute.contested if before.works[one.takedown_id].rightsholder_id == said.rightsholder_id]
    mine = [one for one in theirs if before.means(one.takedown_id)]
    if not mine:
        return "none of the takedowns in this dispute is theirs"
    if isinstance(said, GiveUp):
        after = replace(dispute, contested=tuple(one for one in dispute.contested if one not in mine))
        works = before.of(mine)
        return Taking(after, tell_lost(dispute, works, None, before.event), works)
    needed, stage = ANSWERED[type(said)]
    answering = [one for one in mine if one.stage is needed]
    if not answering:
        return NOT_WAITING[needed]
    emit = tell_answer(before.case, dispute, before.of(answering), said, before.event)
    return Taking(_moved(dispute, answering, stage), emit, upheld=before.of(answering))


def _moved(dispute: Dispute, answering: Sequence[Contested], stage: Stage, until: int = 0) -> Dispute:
    moved = (replace(one, stage=stage, until=until) if one in answering else one for one in dispute.contested)
    return replace(dispute, contested=tuple(moved))


def _kept(present: tuple[Dispute, ...], changed: Dispute) -> tuple[Dispute, ...]:
    """Return the disputes with one changed or added; beyond the bound the oldest closed one goes."""
    if any(one.dispute_id == changed.dispute_id for one in present):
        return tuple(changed if one.dispute_id == changed.dispute_id else one for one in present)
    closed = next((one for one in present if not one.contested), None) if len(present) >= DISPUTES_MAX else None
    return (*(one for one in present if one is not closed), changed)
