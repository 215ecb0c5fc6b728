from functools import partial

import pytest
from sqlalchemy import URL

from services.archive.queries.facts import DisputeStep, Submission
from services.archive.queries.scope import EVERYTHING, Mark, Scope
from services.archive.queries.uploads import Happening, UploadLife, upload_life, uploads_by_verdict
from services.contracts import topics
from services.contracts.canary import CANARY
from services.contracts.decided import NoticeIssued, Recipient, TakedownIssued, VerdictDecided, WorkRef
from tests.archive.asking import asked
from tests.archive.facts import (
    BEGIN_MS,
    Said,
    counter_notice,
    deletion,
    dispute,
    notice,
    submission,
    takedown,
    uphold,
    upload_review,
    verdict,
)

LABEL, OTHER = Scope("label"), Scope("other")
BLOCKED = VerdictDecided.Verdict.BLOCKED
CLEAR = VerdictDecided.Verdict.CLEAR
WORKS = (WorkRef("label", "song"), WorkRef("other", "film"))
LIFE: tuple[Said, ...] = (
    submission("u-1"),
    verdict("u-1", BLOCKED, WORKS, revision=1),
    takedown("u-1"),
    notice("n-1", "ann", "u-1"),
    notice("n-2", "label", "u-1", kind=Recipient.Kind.RIGHTSHOLDER),
    dispute("u-1"),
    counter_notice("u-1"),
    uphold("u-1"),
    upload_review("u-1"),
    takedown("u-1", issued=False, at_ms=BEGIN_MS + 60_000),
    verdict("u-1", CLEAR, at_ms=BEGIN_MS + 60_000, revision=2),
    submission("u-2", "bob"),
)


def _life(database: URL, scope: Scope, said: tuple[Said, ...] = LIFE, upload: str = "u-1") -> UploadLife | None:
    return asked(database, said, partial(upload_life, scope=scope, upload_id=upload))


def test_an_upload_s_life_is_told_in_order(database: URL) -> None:
    """Every fact about it, each once, by the time at which it happened."""
    life = _life(database, EVERYTHING)
    assert life is not None
    times = [event.at for event in life.events]
    assert times == sorted(times)
    happened = [event.happening for event in life.events]
    assert {each: happened.count(each) for each in set(happened)} == {
        Happening.SUBMITTED: 1,
        Happening.DECIDED: 2,
        Happening.ISSUED: 1,
        Happening.REINSTATED: 1,
        Happening.NOTIFIED: 2,
        Happening.DISPUTED: 3,
        Happening.REVIEWED: 1,
    }


def test_facts_come_back_as_they_were_said(database: URL) -> None:
    """What is kept in columns of its own is in its place again."""
    life = _life(database, EVERYTHING)
    assert life is not None
    said = [
        fact
        for topic, key, fact in LIFE
        if key == "u-1" and topic in (topics.VERDICTS_DECIDED, topics.TAKEDOWNS_ISSUED)
    ]
    kept = [event.said for event in life.events if isinstance(event.said, VerdictDecided | TakedownIssued)]
    assert sorted(map(repr, kept)) == sorted(map(repr, said))
    assert life.verdict == LIFE[10][2]


def test_a_deleted_upload_has_no_verdict_and_still_a_life(database: URL) -> None:
    """Nothing is deleted from the record because its owner deleted the upload."""
    said = (submission("u-1"), verdict("u-1"), deletion("u-1"), (topics.VERDICTS_DECIDED, "u-1", None))
    life = _life(database, EVERYTHING, said)
    assert life is not None
    assert life.deleted_at is not None
    assert life.verdict is None
    assert [event.happening for event in life.events].count(Happening.DECIDED) == 1


def test_an_upload_that_is_unknown_has_no_life(database: URL) -> None:
    """There is no page about nothing."""
    assert _life(database, EVERYTHING, upload="u-3") is None


def test_an_id_with_any_character_is_found(database: URL) -> None:
    """PostgreSQL takes no NUL, and an id may have one."""
    life = _life(database, EVERYTHING, (submission("u\0\u2028", title="<b>\0"),), "u\0\u2028")
    assert life is not None
    assert life.submission is not None
    assert life.submission.title == "<b>\u2400"


def test_a_rightsholder_sees_what_concerns_their_works(database: URL) -> None:
    """Their takedowns, letters and disputes, their part of a verdict; not the uploader, nor letters to others."""
    life = _life(database, LABEL)
    assert life is not None
    for event in life.events:
        match event.said:
            case Submission() | TakedownIssued() as said:
                assert said.uploader_id == said.community_id == ""
            case VerdictDecided() as said:
                assert {work.rightsholder_id for work in said.works} <= {"label"}
                assert said.explanation == ""
            case NoticeIssued() as said:
                assert said.recipient.id == "label"
    happened = {event.happening for event in life.events}
    assert happened == set(Happening) - {Happening.DELETED, Happening.REVIEWED}


def test_a_rightsholder_sees_that_an_upload_came_back(database: URL) -> None:
    """The verdict that brings it back names no work, and is the present one for them as for everybody."""
    life = _life(database, LABEL)
    assert life is not None
    assert life.verdict is not None
    assert life.verdict.verdict is CLEAR
    decided = [event.said.verdict for event in life.events if isinstance(event.said, VerdictDecided)]
    assert decided == [BLOCKED, CLEAR]


def test_a_rightsholder_sees_no_step_of_another_claimant(database: URL) -> None:
    """Neither what another answers in a dispute of both, nor any step of a dispute about another's takedown."""
    said = (
        *LIFE[:3],
        takedown("u-1", "film", rightsholder="other"),
        dispute("u-1"),
        uphold("u-1", rightsholder="other"),
        uphold("u-1"),
        dispute("u-1", "o-2", "t-u-1-other-film"),
        counter_notice("u-1", "o-2"),
        uphold("u-1", "o-2", "other"),
    )
    seen = {}
    for scope in (LABEL, OTHER):
        life = _life(database, scope, said)
        assert life is not None
        steps = [event.said for event in life.events if isinstance(event.said, DisputeStep)]
        seen[scope.rightsholder_id] = [(each.dispute_id, each.step, each.claimant) for each in steps]
    opened = ("o-1", "dispute", "")
    assert seen["label"] == [opened, ("o-1", "uphold", "label")]
    theirs = [("o-2", "dispute", ""), ("o-2", "counter_notice", ""), ("o-2", "uphold", "other")]
    assert seen["other"] == [opened, ("o-1", "uphold", "other"), *theirs]


@pytest.mark.parametrize("upload", ["u-1", "u-2"])
def test_a_rightsholder_sees_no_upload_of_no_work_of_theirs(database: URL, upload: str) -> None:
    """That there is such an upload is none of their affair."""
    assert _life(database, Scope("stranger"), upload=upload) is None


def test_uploads_of_a_verdict_are_listed_with_the_latest_first(database: URL) -> None:
    """A page goes on after the last row of the one before, and nothing is left out or told twice."""
    said = [verdict(f"u-{number}", (CLEAR, BLOCKED)[number % 2], at_ms=BEGIN_MS + number // 3) for number in range(20)]

    async def pages(connection: object) -> list[str]:
        found: list[str] = []
        after: Mark | None = None
        while rows := await uploads_by_verdict(connection, EVERYTHING, (CLEAR, BLOCKED), after=after, limit=3):  # type: ignore[arg-type]  # a connection
            found += [row.upload_id for row in rows]
            after = rows[-1].mark
        return found

    expected = sorted(range(20), key=lambda number: (number // 3, f"u-{number}"), reverse=True)
    assert asked(database, said, pages) == [f"u-{number}" for number in expected]


def test_a_rightsholder_gets_no_list_of_uploads(database: URL) -> None:
    """They find their copies on the pages of their works."""
    ask = partial(uploads_by_verdict, scope=LABEL, verdicts=(CLEAR,))
    assert asked(database, LIFE, ask) == ()


def test_the_canary_s_uploads_are_not_in_the_record(database: URL) -> None:
    """They are thousands a day, and nobody's; the figures that people read are of people."""
    upload = f"{CANARY}/1"
    said = (submission(upload, CANARY), verdict(upload, BLOCKED, WORKS, revision=1), takedown(upload))
    assert _life(database, EVERYTHING, said, upload) is None
    assert _life(database, EVERYTHING, (*said, *LIFE)) is not None
