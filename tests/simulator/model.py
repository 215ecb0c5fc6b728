"""The single-threaded model: what must be true in the end, computed from all facts one after another.

`rights.py` says which works are in force and on what terms, this page which uploads are alive and what people have
ruled, `judging.py` what follows for each. What the facts alone do not determine is taken from the log: what reads
found, the refusals that depend on what was there when something was read, which reviews and disputes came in time. It
is checked that each of those was possible.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from services.contracts.decided import TakedownIssued, VerdictDecided, WorkRef
from services.contracts.inside import ContentRuled, ListingChanged
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import (
    CONTENTS_RULED,
    LISTINGS_CHANGED,
    TAKEDOWNS_ISSUED,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
)
from tests.simulator.judging import Ruled
from tests.simulator.log import Log, Written, facts
from tests.simulator.rights import Work

Status = TakedownIssued.Status


@dataclass
class Upload:
    """The last word on an upload: the run of identical submissions that is alive, if any."""

    record: UploadSubmitted | None = None
    first: int = -1
    last: int = -1
    steps: list[int] = field(default_factory=list)


@dataclass
class Rulings:
    """What has been ruled, by digest; and what a person has approved, by upload and digest."""

    protected: set[str]
    lost: Mapping[str, set[Work]]
    approved: Mapping[tuple[str, str], set[Work]]

    def of(self, upload_id: str, digest: str) -> Ruled:
        """Return what has been ruled of some bytes, as it concerns an upload."""
        lost = frozenset(self.lost.get(digest, ()))
        approved = frozenset(self.approved.get((upload_id, digest), ())) - lost
        return Ruled(digest in self.protected, lost, approved)


def uploads(log: Log) -> dict[str, Upload]:
    """Return the last word on every upload that was ever submitted or deleted."""
    found: dict[str, Upload] = {}
    for written in log.written(UPLOADS_SUBMITTED):
        last = found.setdefault(written.key, Upload())
        if written.fact is None:
            found[written.key] = Upload()
            continue
        assert isinstance(written.fact, UploadSubmitted)
        if last.record is not None and _same(last.record, written.fact):
            last.last = written.offset
        else:
            found[written.key] = Upload(written.fact, written.offset, written.offset)
    return found


def rulings(log: Log) -> Rulings:
    """Return what was ruled, as the log has it; `rulings_checked.py` says whether it should have been."""
    protected = {
        one.digest
        for _, one in facts(log, LISTINGS_CHANGED, ListingChanged)
        if one.change is ListingChanged.Change.PROTECTED
    }
    lost: dict[str, set[Work]] = {}
    for _, ruled in facts(log, CONTENTS_RULED, ContentRuled):
        if ruled.protected:
            protected.add(ruled.digest)
        else:
            lost.setdefault(ruled.digest, set()).add((ruled.rightsholder_id, ruled.work_id))
    return Rulings(protected, lost, _approved(log))


def _approved(log: Log) -> dict[tuple[str, str], set[Work]]:
    """Return for which works a person's word took an upload's bytes down: what is approved once stays so."""
    said = verdicts_by_upload(log)
    found: dict[tuple[str, str], set[Work]] = {}
    for written, one in facts(log, TAKEDOWNS_ISSUED, TakedownIssued):
        if one.status is Status.ISSUED and not one.statement_of_reasons.automated_decision:
            digest = _digest_at(said[one.upload_id], written)
            found.setdefault((one.upload_id, digest), set()).add((one.rightsholder_id, one.work_id))
    return found


def verdicts_by_upload(log: Log) -> dict[str, list[tuple[Written, VerdictDecided]]]:
    """Return the verdicts on each upload, in their order, those left out that say it is gone."""
    found: dict[str, list[tuple[Written, VerdictDecided]]] = {}
    for written, verdict in facts(log, VERDICTS_DECIDED, VerdictDecided):
        found.setdefault(verdict.upload_id, []).append((written, verdict))
    return found


def _digest_at(said: list[tuple[Written, VerdictDecided]], takedown: Written) -> str:
    """Return the digest that was taken down: that of the last verdict of then that blocks for the work."""
    one = takedown.fact
    assert isinstance(one, TakedownIssued)
    work = WorkRef(one.rightsholder_id, one.work_id)
    named = [
        verdict.content.blake3
        for written, verdict in said
        if written.step <= takedown.step and verdict.decided_at <= one.decided_at
        if verdict.content and verdict.verdict is VerdictDecided.Verdict.BLOCKED and work in verdict.works
    ]
    return named[-1]


def _same(one: UploadSubmitted, other: UploadSubmitted) -> bool:
    return replace(one, submitted_at=None) == replace(other, submitted_at=None)
