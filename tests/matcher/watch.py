"""A watch over a matcher: what it says to whom, held against what is there."""

from collections import Counter
from dataclasses import dataclass, field

from services.contracts.inside import CopyChanged, ListingChanged, MatchFound
from tests.deciding import Deciding, Said
from tests.matcher.facts import Answer, answered, matcher, on, works


@dataclass
class Watch:
    """What was said to whom, held against what was there."""

    deciding: Deciding = field(default_factory=matcher)
    copies: dict[str, int] = field(default_factory=dict)
    listings: dict[tuple[str, str], int] = field(default_factory=dict)
    last: dict[str, tuple[int, int, list[str]]] = field(default_factory=dict)
    versions: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    waiting: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    enforced: Counter[tuple[str, int]] = field(default_factory=Counter)
    count: int = 0

    def say(self, fact: CopyChanged | ListingChanged) -> None:
        """Decide one fact and look at what was said."""
        self._note(fact)
        self.look(on(self.deciding, fact))

    def look(self, said: Said) -> None:
        """Check: nobody is told a version twice or an older one; ENFORCED comes after all who were there."""
        for emit in said:
            if isinstance(emit.fact, MatchFound):
                self._told(emit.fact)
        for one in answered(said, Answer.ENFORCED):
            assert not self.waiting[one], f"{one} enforced before {self.waiting[one]} were told"
            self.enforced[one] += 1

    def _note(self, fact: CopyChanged | ListingChanged) -> None:
        if isinstance(fact, CopyChanged):
            self.copies.pop(fact.upload_id, None)
            if fact.present:
                self.copies[fact.upload_id] = fact.submission
            else:
                for waiting in self.waiting.values():
                    waiting.discard(fact.upload_id)
            return
        listing = (f"{fact.rightsholder_id}/{fact.work_id}", fact.reference_id)
        self.listings.pop(listing, None)
        if fact.listed:
            self.listings[listing] = fact.version
            self.waiting[listing[0], fact.version] = {
                upload_id for upload_id in self.copies if listing[0] not in self.last[upload_id][2]
            }

    def _told(self, found: MatchFound) -> None:
        upload_id, submission = found.upload_id, found.submission
        versions = self.versions.setdefault((upload_id, submission), [])
        assert not versions or found.version > versions[-1], f"{found} after {versions}"
        versions.append(found.version)
        self.last[upload_id] = (submission, found.version, works(found))
        for (work, _), waiting in self.waiting.items():
            if work in self.last[upload_id][2]:
                waiting.discard(upload_id)
