"""What follows from the works on an upload: the law of the case a second time, as plainly as it can be put.

It is about what is true now, and knows nothing of how it came about: what an uploader's standing holds, and which of
several reasons was told for what is over, are not of it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import pycountry

from services.contracts.decided import VerdictDecided
from services.contracts.submitted import License, Policy, UploadSubmitted
from services.contracts.types import milliseconds
from tests.simulator.rights import InForce, Work

Verdict = VerdictDecided.Verdict
Reason = VerdictDecided.Reason
COUNTRIES = {country.alpha_2 for country in pycountry.countries}


class Ruled(NamedTuple):
    """What people have said of some bytes: nobody may list them; whose claims are lost; whose are approved."""

    protected: bool = False
    lost: frozenset[Work] = frozenset()
    approved: frozenset[Work] = frozenset()


class Judged(NamedTuple):
    """The verdict, the works that block, those that are held, those that only track, and why others do nothing.

    `where`: the territories that each work blocks; `blocked`: what the verdict says of them.
    """

    verdict: Verdict
    where: Mapping[Work, tuple[str, ...]]
    held: Mapping[Work, Reason]
    tracking: frozenset[Work]
    spared: Mapping[Work, Reason]
    blocked: tuple[str, ...]


def judge(works: Mapping[Work, InForce], upload: UploadSubmitted, ruled: Ruled, now: int) -> Judged:
    """Judge an upload on whose bytes these works have a reference, their own or one that they resemble."""
    if ruled.protected:
        return Judged(Verdict.CLEAR, {}, {}, frozenset(), dict.fromkeys(works, Reason.PROTECTED_CONTENT), ())
    return _Court(works, upload, ruled, now).judge()


def is_for(licence: License, upload: UploadSubmitted) -> bool:
    """Tell whether a licence names an upload's uploader, community or everybody, and covers all of its length.

    No content of these histories has a length, so a licence for excerpts covers none.
    """
    who = licence.licensee
    named = (
        who.platform
        or (bool(who.uploader_id) and who.uploader_id == upload.uploader_id)
        or (bool(who.community_id) and who.community_id == upload.community_id)
    )
    return named and licence.use is License.Use.FULL


def is_within(start: datetime | None, end: datetime | None, now: int) -> bool:
    """Tell whether a window is open: from its begin on, and before its end."""
    return (start is None or milliseconds(start) <= now) and (end is None or now < milliseconds(end))


class _Court:
    """One upload before the law. Places are written out in full, so that what is left of everywhere is a set too."""

    def __init__(self, works: Mapping[Work, InForce], upload: UploadSubmitted, ruled: Ruled, now: int) -> None:
        self.works = works
        self.upload = upload
        self.ruled = ruled
        self.now = now
        lists = [upload.territories]
        for one in works.values():
            lists += [_policy(one).territories, *(licence.territories for licence in one.all_licences)]
        self.everywhere = frozenset(COUNTRIES.union(*lists))

    def judge(self) -> Judged:
        spared = {work: why for work in self.works if (why := self.is_out(work)) is not None}
        left: dict[Work, frozenset[str]] = {}
        for work in self.works.keys() - spared.keys():
            where = self.read(_policy(self.works[work]).territories) & self.read(self.upload.territories)
            free = where - self.allowed(work[0])
            if free:
                left[work] = free
            else:
                because = Reason.OWN_ACCOUNT if self.is_own(work[0]) else Reason.LICENSED
                spared[work] = because if where else Reason.OUTSIDE_TERRITORY
        tracking = frozenset(work for work in left if _policy(self.works[work]).action is Policy.Action.TRACK)
        held = {work: why for work, where in left.items() if (why := self.is_held(work, where)) is not None}
        blocking = {work: where for work, where in left.items() if work not in tracking and work not in held}
        blocked: frozenset[str] = frozenset().union(*blocking.values())
        if blocking and (self.read(self.upload.territories) <= blocked or not held):
            where_told = {work: self.write(where) for work, where in blocking.items()}
            return Judged(Verdict.BLOCKED, where_told, held, tracking, spared, self.write(blocked))
        return Judged(Verdict.HELD if held else Verdict.CLEAR, {}, held, tracking, spared, ())

    def read(self, listed: Iterable[str]) -> frozenset[str]:
        """Return the places that a list means: the empty one means everywhere."""
        return frozenset(listed) or self.everywhere

    def write(self, places: frozenset[str]) -> tuple[str, ...]:
        return () if places == self.everywhere else tuple(sorted(places))

    def is_open(self, work: Work) -> bool:
        """Tell whether a work has a claim on this upload now."""
        register = self.works[work].register
        return work not in self.ruled.lost and is_within(register.valid_from, register.valid_until, self.now)

    def is_out(self, work: Work) -> Reason | None:
        """Return why a work says nothing about the upload, whatever its policy."""
        if self.is_open(work):
            return None
        return Reason.DISPUTE_WON if work in self.ruled.lost else Reason.NO_MATCH

    def is_own(self, rightsholder: str) -> bool:
        """Tell whether the upload comes from an account of a rightsholder's own."""
        return any(
            self.upload.uploader_id in one.accounts for work, one in self.works.items() if work[0] == rightsholder
        )

    def allowed(self, rightsholder: str) -> frozenset[str]:
        """Return where a rightsholder who has a claim on the upload lets it be shown, by any licence for any work."""
        theirs = [one for work, one in self.works.items() if work[0] == rightsholder and self.is_open(work)]
        if theirs and self.is_own(rightsholder):
            return self.everywhere
        licences = [licence for one in theirs for licence in one.all_licences if is_for(licence, self.upload)]
        given = [one for one in licences if is_within(one.valid_from, one.valid_until, self.now)]
        return frozenset().union(*(self.read(one.territories) for one in given))

    def is_held(self, work: Work, where: frozenset[str]) -> Reason | None:
        """Return why a person must look at what a work wants; None if nobody need, or one has."""
        action = _policy(self.works[work]).action
        if action is Policy.Action.TRACK or work in self.ruled.approved:
            return None
        others = {rightsholder for rightsholder, _ in self.works if rightsholder != work[0]}
        if any(where & self.allowed(other) for other in others):
            return Reason.CONTRADICTION
        return Reason.REVIEW_POLICY if action is Policy.Action.REVIEW else None


def _policy(one: InForce) -> Policy:
    return one.register.policy or Policy()
