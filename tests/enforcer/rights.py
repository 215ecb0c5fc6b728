"""What the tests of the law say: listings with terms, licences, and the one verdict that follows from them."""

from typing import Any, NamedTuple

from msgspec.structs import replace

from services.contracts.decided import VerdictDecided
from services.contracts.inside import Ended, Match, MatchFound
from services.contracts.rights import PLAIN, Licence, Terms
from services.contracts.sample import Likeness
from services.contracts.submitted import Policy
from services.contracts.topics import VERDICTS_DECIDED
from tests.deciding import NOW, Deciding, Said, digest
from tests.enforcer.facts import HIT, UPLOAD, Reason, Verdict, on, read, submitted

Action = Policy.Action
DAY_MS = 24 * 3600 * 1000
BLOCKED, CLEAR, HELD = Verdict.BLOCKED, Verdict.CLEAR, Verdict.HELD
RIVAL = "rival/cover"
PLATFORM = Licence("all")
TRACK, REVIEW = Terms(action=Action.TRACK), Terms(action=Action.REVIEW)


class Outcome(NamedTuple):
    """What a verdict comes to."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    territories: tuple[str, ...] = ()
    works: tuple[str, ...] = ()


def listed(work: str = HIT, terms: Terms = PLAIN, *, likeness: Likeness | None = None, reference: str = "m") -> Match:
    """Return a listing of a work, named `rightsholder/work`, on the upload's bytes."""
    rightsholder_id, work_id = work.split("/")
    return Match(rightsholder_id, work_id, reference, likeness, terms)


def alike(upload: tuple[int, int], reference: tuple[int, int] | None = None, score: float = 0.9) -> Likeness:
    """Return a likeness by what is played: from and to, in milliseconds."""
    return Likeness(score, 0, 0, 0, 0, *upload, *(reference or upload))


def found(*matches: Match, version: int = 1, submission: int = 1, ended: tuple[Ended, ...] = ()) -> MatchFound:
    """Return what the matcher says of the upload."""
    return MatchFound(UPLOAD, submission, digest("song"), version, matches, ended)


def licensed(**more: Any) -> Terms:
    """Return plain terms with one licence."""
    return Terms(licences=(replace(PLATFORM, **more),))


def compared(*matches: Match, **upload: Any) -> Deciding:
    """Return an enforcer to which the upload was submitted, read and compared."""
    deciding = submitted(**upload)
    on(deciding, read("song"), found(*matches))
    return deciding


def last(deciding: Deciding | Said) -> VerdictDecided:
    """Return the last verdict."""
    said = deciding.said(VERDICTS_DECIDED) if isinstance(deciding, Deciding) else deciding.of(VERDICTS_DECIDED)
    verdict: VerdictDecided = said[-1]
    return verdict


def outcome(deciding: Deciding | Said) -> Outcome:
    """Return what the last verdict comes to."""
    said = last(deciding)
    works = tuple(f"{work.rightsholder_id}/{work.work_id}" for work in said.works)
    return Outcome(said.verdict, said.reasons, said.blocked_territories, works)


PLAINLY_BLOCKED = Outcome(BLOCKED, (Reason.IDENTICAL,), (), (HIT,))
LATER, SOONER = NOW + DAY_MS, NOW - DAY_MS
