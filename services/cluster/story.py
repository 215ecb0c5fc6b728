"""The story that the system exists for, played on a running cluster and compared with what must happen.

Three copies of a song are posted, and one with other tags; its label registers it and they come down; it is posted ten
more times and refused ten times, and so is what was cut from it or contains it; what has nothing to do with it passes;
the label withdraws and all comes back.
"""

import time
from collections import Counter
from collections.abc import Callable

from services.cluster.demo_cast import AGAIN, ALIKE, EARLIER, LABEL
from services.cluster.demo_stage import NOTHING, Stage, Tally
from services.contracts.decided import NoticeIssued, TakedownIssued, VerdictDecided
from services.contracts.topics import NOTICES_ISSUED, RIGHTSHOLDERS_SUBMITTED, TAKEDOWNS_ISSUED

EARLIER_NAMES = tuple(f"early-{number}" for number in range(1, len(EARLIER) + 1))
AGAIN_NAMES = tuple(f"again-{number}" for number in range(1, len(AGAIN) + 1))
TAGGED = "tagged-1"
ALIKE_NAMES = tuple(f"alike-{number}" for number in range(1, len(ALIKE) + 1))
REPLACED, DELETED = "again-3", "again-5"
LEFT_NAMES = (*EARLIER_NAMES, *(name for name in AGAIN_NAMES if name not in (REPLACED, DELETED)), TAGGED, *ALIKE_NAMES)


async def play(stage: Stage) -> None:
    """Play it from beginning to end."""
    await before(stage)
    await registration(stage)
    await posted_again(stage)
    await in_other_bytes(stage)
    await others(stage)
    await withdrawal(stage)
    account(stage)


async def before(stage: Stage) -> None:
    """Play how copies are posted, and nobody objects."""
    stage.report.chapter(f"“{stage.cast.title}” is posted by people who did not make it")
    tally = Tally(0.0)
    for name, (who, where) in zip(EARLIER_NAMES, EARLIER, strict=True):
        upload = stage.cast.upload(name, who, where, stage.cast.title, stage.cast.song)
        tally.add(*await stage.post(f"{who} posts it in {where}", upload))
    stage.report.check("copies posted before anybody objects", "3 CLEAR [NO_MATCH]", str(tally), tally.seconds)
    tagged = stage.cast.upload(TAGGED, "eve", "fresh-uploads", "free download", stage.cast.tagged)
    await stage.post_expecting("eve posts it with other tags", tagged, "CLEAR [NO_MATCH]")


async def registration(stage: Stage) -> None:
    """Play how the label registers the song, and what was there comes down."""
    cast, report = stage.cast, stage.report
    report.chapter(f"{LABEL} registers the song")
    await stage.sender.send(RIGHTSHOLDERS_SUBMITTED, cast.label, cast.enrolment())
    report.line(f"the platform enrols {LABEL}")
    incomplete = cast.registration(with_document=False)
    await stage.submit("registration without a document", incomplete, "REJECTED [MISSING_DOCUMENT]")
    complete = cast.registration(with_document=True)
    _, began = await stage.submit("registration with its contract", complete, "ACCEPTED")
    down = await stage.verdicts(EARLIER_NAMES, VerdictDecided.Verdict.BLOCKED, began)
    report.line(f"what was there comes down: {down}", down.seconds)
    report.check("copies that were there", "3 BLOCKED [IDENTICAL]", str(down), down.seconds)
    issued = await stage.takedowns(EARLIER_NAMES, TakedownIssued.Status.ISSUED, began)
    report.check("their takedowns", "3 ISSUED by NOTICE", str(issued), issued.seconds)
    alike = await stage.verdicts((TAGGED,), VerdictDecided.Verdict.BLOCKED, began)
    report.line(f"and so does the one with other tags: {alike}", alike.seconds)
    report.check("the one with other tags", "1 BLOCKED [SIMILAR]", str(alike), alike.seconds)
    await managers_told(stage, began)
    await stage.receipt("all copies found", complete, began, "ENFORCED, 3 copies")


async def managers_told(stage: Stage, began: float) -> None:
    """Wait until the managers of each community know what was taken down there."""
    tally = Tally(began)
    for name, (_, where) in zip(EARLIER_NAMES, EARLIER, strict=True):
        upload_id, community = stage.cast.upload_id(name), f"{where}-{stage.cast.run}"
        heard = await stage.witness.wait_for(NOTICES_ISSUED, community, began, _is_about(upload_id))
        tally.add("communities told" if heard else NOTHING, heard.at if heard else time.monotonic())
        if heard:
            stage.report.line(f"the managers of {where} are told: {heard.fact.subject}", heard.at - began)
    stage.report.check("their communities' managers", "3 communities told", str(tally), tally.seconds)


def _is_about(upload_id: str) -> Callable[[NoticeIssued], bool]:
    return lambda it: it.about.upload_id == upload_id


async def posted_again(stage: Stage) -> None:
    """Play how the song is posted again and again, and refused each time."""
    stage.report.chapter("It is posted again and again, under other titles")
    began = time.monotonic()
    tally = Tally(0.0)
    for name, (who, title) in zip(AGAIN_NAMES, AGAIN, strict=True):
        upload = stage.cast.upload(name, who, "fresh-uploads", title, stage.cast.song)
        tally.add(*await stage.post(f"{who} posts “{title}”", upload))
    stage.report.check("posted again", "10 BLOCKED [IDENTICAL]", str(tally), tally.seconds)
    issued = await stage.takedowns(AGAIN_NAMES, TakedownIssued.Status.ISSUED, began)
    stage.report.check("their takedowns", "10 ISSUED by STAYDOWN", str(issued))


async def in_other_bytes(stage: Stage) -> None:
    """Play how what was made of the song is refused as well."""
    stage.report.chapter("It is posted in other bytes")
    cast = stage.cast
    for name, (who, title), file in zip(ALIKE_NAMES, ALIKE, (cast.cut, cast.mixtape), strict=True):
        upload = cast.upload(name, who, "fresh-uploads", title, file)
        what = "a cut of it" if file == cast.cut else "it after another song"
        await stage.post_expecting(f"{who} posts {what}, “{title}”", upload, "BLOCKED [SIMILAR]")


async def others(stage: Stage) -> None:
    """Play what has nothing to do with the song, and how two copies go away by themselves."""
    cast = stage.cast
    stage.report.chapter("Everybody else goes on")
    own = cast.upload("own-1", "ama", "fresh-uploads", "Rain on the Ferry", cast.own_song)
    await stage.post_expecting("ama posts a song of her own", own, "CLEAR [NO_MATCH]")
    lost = cast.upload("lost-1", "jonas", "late-night-radio", "Static", cast.missing)
    await stage.post_expecting("jonas's file cannot be read", lost, "UNSCANNED [NOT_FOUND]")
    instead = cast.upload(REPLACED, "lin", "fresh-uploads", "this one is really mine", cast.other_song)
    await stage.post_expecting("lin replaces the copy by a song of hers", instead, "CLEAR [NO_MATCH]")
    await stage.delete("kai deletes his copy", cast.upload_id(DELETED))


async def withdrawal(stage: Stage) -> None:
    """Play how the label withdraws, and what was taken down comes back."""
    cast, report = stage.cast, stage.report
    report.chapter("The label withdraws")
    _, began = await stage.submit("release of the work", cast.release(), "RELEASED")
    back = await stage.verdicts(LEFT_NAMES, VerdictDecided.Verdict.CLEAR, began)
    report.line(f"the copies that are left come back: {back}", back.seconds)
    report.check("copies that are left", "14 CLEAR [RELEASED]", str(back), back.seconds)
    ended = await stage.takedowns(LEFT_NAMES, TakedownIssued.Status.REINSTATED, began)
    report.check("their takedowns", "14 REINSTATED", str(ended), ended.seconds)
    once_more = cast.upload("late-1", "mia", "bedroom-tapes", cast.title, cast.song)
    await stage.post_expecting("mia posts it once more", once_more, "CLEAR [NO_MATCH]")


def account(stage: Stage) -> None:
    """Compare all that was said about takedowns: nothing twice, and nothing but what the story led to."""
    label, witness = stage.cast.label, stage.witness
    records = [heard.fact for heard in witness.all_heard(TAKEDOWNS_ISSUED) if heard.fact.rightsholder_id == label]
    statuses = Counter(each.status for each in records)
    issued, ended = statuses[TakedownIssued.Status.ISSUED], statuses[TakedownIssued.Status.REINSTATED]
    stage.report.check("takedowns in all", "16 ISSUED, 14 REINSTATED", f"{issued} ISSUED, {ended} REINSTATED")
    notices = [heard.fact for heard in witness.all_heard(NOTICES_ISSUED) if heard.fact.about.rightsholder_id == label]
    told = len({each.notice_id for each in notices})
    stage.report.check("notices in all", "60, none twice", f"{told}, {len(notices) - told or 'none'} twice")
