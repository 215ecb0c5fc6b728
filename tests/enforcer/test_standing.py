"""How uploaders and communities stand: their uploads may wait, and nothing is done to a community (G7)."""

import pytest

from services.contracts.inside import Match
from services.contracts.reading import Failure
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.topics import VERDICTS_DECIDED
from services.contracts.types import timestamp
from services.enforcer.case import VERDICT_WITHIN_MS
from services.enforcer.verdicts import Scan
from tests.deciding import NOW, Deciding
from tests.enforcer.facts import Reason, enforcer, on, read, submission
from tests.enforcer.rights import (
    BLOCKED,
    CLEAR,
    HELD,
    REVIEW,
    TRACK,
    Outcome,
    found,
    last,
    listed,
    outcome,
)

Kind = Standee.Kind
Standing = StrikesChanged.Standing
STANDING = Outcome(HELD, (Reason.STANDING, Reason.PENDING_REVIEW))
SHOWN = Outcome(CLEAR, (Reason.NO_MATCH,))


def stands(kind: Kind, name: str, standing: Standing) -> StrikesChanged:
    """Return: somebody stands otherwise now."""
    return StrikesChanged(subject=Standee(kind, name), standing=standing, strikes=7, changed_at=timestamp(NOW))


def told(*standings: StrikesChanged) -> Deciding:
    """Return an enforcer that knows how some stand, to which an upload was then submitted and read."""
    deciding = enforcer()
    for one in standings:
        assert deciding.on(one.subject.id, one, offset=0) == ()
    on(deciding, submission(), read("song"))
    return deciding


RESTRICTED = stands(Kind.UPLOADER, "uploader", Standing.RESTRICTED)
CASES: list[tuple[list[StrikesChanged], Outcome]] = [
    ([], SHOWN),
    ([RESTRICTED], STANDING),
    ([stands(Kind.UPLOADER, "uploader", Standing.WATCHED)], SHOWN),
    ([stands(Kind.UPLOADER, "somebody", Standing.RESTRICTED)], SHOWN),
    ([stands(Kind.COMMUNITY, "fans", Standing.WATCHED)], SHOWN),
    ([stands(Kind.COMMUNITY, "fans", Standing.RESTRICTED)], SHOWN),
    ([stands(Kind.COMMUNITY, "uploader", Standing.RESTRICTED)], SHOWN),
    ([stands(Kind.RIGHTSHOLDER, "uploader", Standing.PROBATION)], SHOWN),
    ([RESTRICTED, stands(Kind.COMMUNITY, "uploader", Standing.GOOD)], STANDING),
    ([RESTRICTED, stands(Kind.UPLOADER, "uploader", Standing.GOOD)], SHOWN),
]


@pytest.mark.parametrize(("standings", "expected"), CASES)
def test_a_restricted_uploader_s_uploads_wait_for_a_person(standings: list[StrikesChanged], expected: Outcome) -> None:
    """Whoever is restricted, and nobody who has their name; a community never makes an upload wait for a person."""
    assert outcome(on(told(*standings), found(version=0))) == expected


MATCHES: list[tuple[Match, Outcome]] = [
    (listed(), Outcome(BLOCKED, (Reason.IDENTICAL,), (), ("label/hit",))),
    (listed("label/hit", REVIEW), Outcome(HELD, (Reason.REVIEW_POLICY,), (), ("label/hit",))),
    (listed("label/hit", TRACK), STANDING),
]


@pytest.mark.parametrize(("match", "expected"), MATCHES)
def test_standing_holds_only_what_would_be_shown(match: Match, expected: Outcome) -> None:
    """A block and a hold for a match have reasons of their own."""
    assert outcome(on(told(RESTRICTED), found(match))) == expected


WATCHED = stands(Kind.UPLOADER, "uploader", Standing.WATCHED)
OWED: list[tuple[object, ...]] = [
    (),
    (read(Failure.SLOW),),
    (read(Failure.BUSY),),
    (read(Failure.UNREACHABLE),),
    (read(Failure.SLOW), read(Failure.SLOW, attempt=1)),
    (read("song"),),
    (read("song"), read("other"), read("other", attempt=1)),
    (read("song"), found(version=0), submission(title="Mine"), read("song", 2)),
]


@pytest.mark.parametrize("who", [None, WATCHED, stands(Kind.COMMUNITY, "fans", Standing.WATCHED)])
@pytest.mark.parametrize("facts", OWED)
def test_nothing_is_shown_before_every_scan_is_in(who: StrikesChanged | None, facts: tuple[object, ...]) -> None:
    """Unread, slow, to be read again, read and not compared: all that a watched upload waits for, everybody's does.

    The matcher answers when the bytes are compared (`tests/matcher/test_comparing.py`), and that is the only scan.
    """
    deciding = enforcer()
    if who is not None:
        deciding.on(who.subject.id, who, offset=0)
    on(deciding, submission(), *facts)
    deciding.pass_time(VERDICT_WITHIN_MS)
    assert last(deciding).verdict is not CLEAR
    for said in deciding.said(VERDICTS_DECIDED):
        assert said.verdict is not CLEAR or (said.complete and said.scans == (Scan.BYTES,))


def test_the_sentence_says_why_it_waits() -> None:
    """Without a word of any work."""
    said = last(on(told(RESTRICTED), found(version=0)))
    assert said.explanation == (
        "“Song” waits for a person's decision, because several uploads of its uploader were taken down lately."
    )


def test_a_submission_is_judged_by_the_standing_of_its_first_verdict() -> None:
    """A decision records the standing that it used: what comes later is for what comes later."""
    deciding = told()
    on(deciding, found(version=0))
    deciding.on("uploader", RESTRICTED, offset=0)
    assert on(deciding, found(version=1)) == ()
    on(deciding, submission(title="Mine"), read("song", 2))
    assert outcome(on(deciding, found(version=1, submission=2))) == STANDING
    deciding.on("uploader", stands(Kind.UPLOADER, "uploader", Standing.GOOD), offset=0)
    assert on(deciding, found(version=2, submission=2)) == ()


def test_an_ordinary_standing_is_not_kept() -> None:
    """The state holds who does not stand as everybody does."""
    deciding = told(RESTRICTED)
    deciding.on("uploader", stands(Kind.UPLOADER, "uploader", Standing.GOOD), offset=0)
    assert deciding.entry("uploader", "standing/UPLOADER") is None
