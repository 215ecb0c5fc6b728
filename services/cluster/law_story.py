"""The second act of the demo: the law of the case, on the same cluster, and a month later on the cluster begun again.

A newcomer claims a song that everybody sings, and nothing happens until a person has looked; a label lists 500 tracks,
and licenses them all at once; somebody's own recording is claimed, she objects, nobody answers, and it comes back; in
the end the claimant settles, and so does everything else.
"""

import time
from collections.abc import Callable

from services.cluster.demo_stage import Stage, Tally
from services.cluster.law_cast import CROWD, EASTGATE, HARBOUR, NEWCOMER, TRACKS, LawCast, names_of
from services.contracts.decided import NoticeIssued, TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.submitted import Enroll
from services.contracts.topics import (
    DISPUTES_SUBMITTED,
    NOTICES_ISSUED,
    REVIEWS_SUBMITTED,
    RIGHTSHOLDERS_SUBMITTED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
)

Standing = Enroll.Standing
Verdict = VerdictDecided.Verdict
DAYS_LATER = 31
"""One day more than a claimant has to answer."""

CROWD_NAMES = names_of(range(CROWD), "singer")
TRACK_NAMES = names_of(range(2), "track")
AMAS, COPY, TOMS = "ama-own", "ama-copied", "tom-harbour"


async def play_law(stage: Stage, cast: LawCast) -> None:
    """Play what happens before the month is over."""
    await newcomer(stage, cast)
    await licence(stage, cast)
    await objection(stage, cast)


async def play_later(stage: Stage, cast: LawCast) -> None:
    """Play what happens when the month is over."""
    await silence(stage, cast)
    await settlement(stage, cast)


async def newcomer(stage: Stage, cast: LawCast) -> None:
    """Play how a registration that finds too many copies waits for a person."""
    stage.report.chapter(f"{NEWCOMER}, enrolled this morning, claims a song that everybody sings")
    tally = Tally(0.0)
    for name in CROWD_NAMES:
        tally.add(*await stage.post(f"{name} sings it", cast.first.upload(name, name, "choir", "Ferry", cast.crowd)))
    stage.report.check("copies of it", f"{CROWD} CLEAR [NO_MATCH]", str(tally), tally.seconds)
    await stage.sender.send(RIGHTSHOLDERS_SUBMITTED, cast.id_of(NEWCOMER), cast.enrolment(NEWCOMER, Standing.PROBATION))
    claim = cast.registration(NEWCOMER, "ferry", cast.crowd)
    await stage.submit("their registration", claim, f"HELD [TOO_MANY_COPIES], {CROWD} copies")
    another = cast.first.upload("crowd-meanwhile", "noor", "choir", "Ferry again", cast.crowd)
    await stage.post_expecting("noor sings it meanwhile", another, "CLEAR [NO_MATCH]")
    began = time.monotonic()
    await stage.sender.send(REVIEWS_SUBMITTED, cast.id_of(NEWCOMER), cast.rejection(claim))
    await stage.receipt("a person looks at it", claim, began, "REJECTED [TOO_MANY_COPIES]")


async def licence(stage: Stage, cast: LawCast) -> None:
    """Play how a whole catalogue is licensed at once."""
    stage.report.chapter(f"{EASTGATE} lists {TRACKS} tracks, and licenses them all at once")
    for name, file in zip(TRACK_NAMES, cast.licensed, strict=True):
        await stage.post("tom posts one of them", cast.first.upload(name, "tom", "fresh-uploads", name, file))
    await stage.sender.send(RIGHTSHOLDERS_SUBMITTED, cast.id_of(EASTGATE), cast.enrolment(EASTGATE, Standing.TRUSTED))
    began = time.monotonic()
    for registration in cast.catalogue():
        await stage.sender.send(WORKS_SUBMITTED, registration.rightsholder_id, registration)
    down = await stage.verdicts(TRACK_NAMES, Verdict.BLOCKED, began)
    stage.report.tell_check("tom's two come down", "2 BLOCKED [IDENTICAL]", str(down), down.seconds)
    accepted = await _count_accepted(stage, cast, began)
    stage.report.tell_check(
        "their registrations", f"{TRACKS} ACCEPTED", f"{accepted} ACCEPTED", time.monotonic() - began
    )
    _, began = await stage.submit("one licence for all of them", cast.licence(), "LICENSED")
    back = await stage.verdicts(TRACK_NAMES, Verdict.CLEAR, began)
    stage.report.tell_check("tom's two come back", "2 CLEAR [LICENSED]", str(back), back.seconds)
    once_more = cast.first.upload("track-again", "mia", "bedroom-tapes", "track", cast.licensed[0])
    await stage.post_expecting("mia posts one of them", once_more, "CLEAR [LICENSED]")


async def _count_accepted(stage: Stage, cast: LawCast, began: float) -> int:
    accepted: set[str] = set()

    def is_last(receipt: WorkReceipt) -> bool:
        if receipt.status is WorkReceipt.Status.ACCEPTED:
            accepted.add(receipt.work_id)
        return len(accepted) == TRACKS

    await stage.witness.wait_for(WORKS_RECEIPTS, cast.id_of(EASTGATE), began, is_last)
    return len(accepted)


async def objection(stage: Stage, cast: LawCast) -> None:
    """Play how what is not theirs is claimed, and its author objects."""
    report, upload = stage.report, cast.first.upload
    report.chapter(f"{HARBOUR} claims what ama recorded herself")
    await stage.post("ama posts it", upload(AMAS, "ama", "fresh-uploads", "On the Ferry", cast.ama))
    await stage.post("lin, to whom she gave it, posts it", upload(COPY, "lin", "bedroom-tapes", "Ama's", cast.ama))
    await stage.post(f"tom posts a track of {HARBOUR}", upload(TOMS, "tom", "fresh-uploads", "Tide", cast.settled))
    await stage.sender.send(RIGHTSHOLDERS_SUBMITTED, cast.id_of(HARBOUR), cast.enrolment(HARBOUR, Standing.TRUSTED))
    await stage.submit("their own track", cast.registration(HARBOUR, "tide", cast.settled), "ACCEPTED")
    _, began = await stage.submit("and ama's", cast.registration(HARBOUR, "ferry", cast.ama), "ACCEPTED")
    down = await stage.verdicts((AMAS, COPY, TOMS), Verdict.BLOCKED, 0.0)
    report.tell_check("ama's, lin's and tom's come down", "3 BLOCKED [IDENTICAL]", str(down), time.monotonic() - began)
    upload_id, began = cast.first.upload_id(AMAS), time.monotonic()
    await stage.sender.send(DISPUTES_SUBMITTED, upload_id, cast.dispute(upload_id))
    heard = await stage.witness.wait_for(NOTICES_ISSUED, cast.id_of(HARBOUR), began, _asks_about(upload_id))
    stage.tell_check("ama objects", f"{HARBOUR} is asked", heard, began, lambda _: f"{HARBOUR} is asked")
    if heard and heard.fact.respond_until:
        report.line(f"    they have until {heard.fact.respond_until:%Y-%m-%d %H:%M} UTC to uphold the claim")


def _asks_about(upload_id: str) -> Callable[[NoticeIssued], bool]:
    return lambda notice: notice.about.upload_id == upload_id and bool(notice.about.dispute_id)


async def silence(stage: Stage, cast: LawCast) -> None:
    """Play how a claim that nobody upholds ends, for these bytes wherever they are."""
    stage.report.chapter(f"{DAYS_LATER} days later nobody has answered")
    back = await stage.verdicts((AMAS, COPY), Verdict.CLEAR, 0.0, VerdictDecided.Reason.DISPUTE_WON)
    stage.report.tell_check("ama's recording, and lin's copy of it, come back", "2 CLEAR [DISPUTE_WON]", str(back))
    ended = await stage.takedowns((AMAS, COPY), TakedownIssued.Status.REINSTATED, 0.0)
    stage.report.check("their takedowns", "2 REINSTATED", str(ended))
    again = cast.first.upload("ama-again", "noor", "choir", "On the Ferry", cast.ama)
    await stage.post_expecting("noor posts it too", again, "CLEAR [DISPUTE_WON]")
    still = cast.first.upload("tide-again", "noor", "choir", "Tide", cast.settled)
    await stage.post_expecting(f"noor posts the track that is {HARBOUR}'s", still, "BLOCKED [IDENTICAL]")


async def settlement(stage: Stage, cast: LawCast) -> None:
    """Play how an agreement ends everything that a rightsholder had blocked."""
    stage.report.chapter(f"{HARBOUR} and the platform come to an agreement")
    _, began = await stage.submit("the settlement", cast.settlement(), "RELEASED")
    names = (TOMS, "tide-again")
    back = await stage.verdicts(names, Verdict.CLEAR, began)
    stage.report.tell_check("everything that was down comes back", "2 CLEAR [SETTLED]", str(back), back.seconds)
