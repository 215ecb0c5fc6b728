"""Who and what appears in the second act of the demo: rightsholders with rights and without, and what they say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import xxhash
from blake3 import blake3

from services.client.files import media_type_of
from services.cluster.demo_cast import Cast
from services.contracts.objections import Dispute, DisputeSubmitted, ReviewSubmitted, WorkReviewed
from services.contracts.submitted import (
    Attestation,
    Document,
    Enroll,
    License,
    Licensee,
    Reference,
    Register,
    Release,
    RightsholderSubmitted,
    Settle,
    WorkSubmitted,
)
from services.contracts.types import Content

NEWCOMER, EASTGATE, HARBOUR = "Anyhow Rights", "Eastgate Music", "Harbour Sound"
TRACKS = 500
"""As many as a label licensed to a network at once, the day after it had sued."""

CROWD = 12
"""Copies of what the newcomer claims: more than one on probation may take down."""

FILES_BYTES = 4_096
"""Of a track that nobody posts only its digests are known."""


@dataclass(frozen=True, slots=True)
class LawCast:
    """The names and files of the second act, which belongs to the run of the first.

    `crowd`: a song of which there are many copies; `licensed`: two of Eastgate's tracks; `ama`: what she recorded
    herself and Harbour Sound claims; `settled`: a track that is Harbour Sound's.
    """

    first: Cast
    crowd: Path
    licensed: tuple[Path, Path]
    ama: Path
    settled: Path

    def id_of(self, name: str) -> str:
        """Return the id of a rightsholder, of this run alone."""
        return f"{name.split(maxsplit=1)[0].lower()}-{self.first.run}"

    def enrolment(self, name: str, standing: Enroll.Standing) -> RightsholderSubmitted:
        """Return the step by which the platform lets a rightsholder in."""
        enroll = Enroll(name, standing=standing)
        return RightsholderSubmitted(self.id_of(name), str(uuid4()), datetime.now(UTC), enroll=enroll)

    def registration(self, name: str, work: str, file: Path) -> WorkSubmitted:
        """Return the registration of a file."""
        return self._register(name, work, Reference("master", uri=file.as_uri(), media_type=media_type_of(str(file))))

    def catalogue(self) -> Iterator[WorkSubmitted]:
        """Yield the registrations of all that Eastgate has: two tracks that are posted, and many that are not."""
        for number, file in enumerate(self.licensed):
            yield self.registration(EASTGATE, f"track-{number}", file)
        for number in range(len(self.licensed), TRACKS):
            content = _identify(f"{self.first.run} {number}".encode() * FILES_BYTES)
            yield self._register(EASTGATE, f"track-{number}", Reference("master", content=content))

    def licence(self) -> WorkSubmitted:
        """Return Eastgate's licence of everything to everybody on the platform."""
        license_ = License("agreement", Licensee(platform=True))
        return self._say(EASTGATE, license_catalogue=license_)

    def settlement(self) -> WorkSubmitted:
        """Return the agreement by which Harbour Sound ends all its blocks."""
        return self._say(HARBOUR, settle=Settle(Release.Reason.SETTLED))

    def dispute(self, upload_id: str) -> DisputeSubmitted:
        """Return ama's objection."""
        said = Dispute(Dispute.Ground.OWN_WORK, "I recorded this myself, on the ferry, last spring.")
        return DisputeSubmitted(upload_id, f"dispute-{self.first.run}", submitted_at=datetime.now(UTC), dispute=said)

    def rejection(self, held: WorkSubmitted) -> ReviewSubmitted:
        """Return what a person of the platform says to the newcomer's registration."""
        seen = WorkReviewed(held.rightsholder_id, held.work_id, held.submission_id)
        answer = ReviewSubmitted.Answer.REJECT
        return ReviewSubmitted(str(uuid4()), "reviewer-1", answer, work=seen, note="Others made this.")

    def _register(self, name: str, work: str, reference: Reference) -> WorkSubmitted:
        register = Register(
            title=work,
            references=(reference,),
            documents=(Document("recording contract"),),
            attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by="R. Haddad"),
        )
        return self._say(name, work, register=register)

    def _say(self, name: str, work: str = "", **action: Register | License | Settle) -> WorkSubmitted:
        return WorkSubmitted(
            rightsholder_id=self.id_of(name),
            submission_id=str(uuid4()),
            work_id=work,
            submitted_at=datetime.now(UTC),
            **action,  # type: ignore[arg-type]  # each name has its own type
        )


def names_of(files: Iterable[object], name: str) -> tuple[str, ...]:
    """Return a name for each upload of some files."""
    return tuple(f"{name}-{number}" for number, _ in enumerate(files, 1))


def _identify(data: bytes) -> Content:
    return Content(xxhash.xxh3_128_hexdigest(data), blake3(data).hexdigest(), len(data))
