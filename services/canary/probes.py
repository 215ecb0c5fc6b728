"""What the canary uploads: two small contents, the same for ever, and the registration of one of them. Pure."""

from dataclasses import dataclass
from datetime import datetime

from blake3 import blake3
from xxhash import xxh3_128_hexdigest

from services.contracts.canary import CANARY
from services.contracts.decided import VerdictDecided
from services.contracts.submitted import Attestation, Document, Reference, Register, UploadSubmitted
from services.contracts.types import Content

WORK = "listed"
# One page: it costs the hasher next to nothing, and is compared by its identity alone.
SIZE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Probe:
    """A content that has one right verdict."""

    name: str
    right: VerdictDecided.Verdict

    @property
    def bytes(self) -> bytes:
        """The content itself: noise, which nobody else has."""
        return blake3(f"{CANARY}: {self.name}".encode()).digest(SIZE_BYTES)

    @property
    def content(self) -> Content:
        """Its identity."""
        return Content(xxh3_128_hexdigest(self.bytes), blake3(self.bytes).hexdigest(), SIZE_BYTES)

    def upload(self, name: str, source: str, now: datetime) -> UploadSubmitted:
        """Return an upload of it, `name` being its own. A hasher that is told to trust uploads need not read it."""
        return UploadSubmitted(
            upload_id=f"{CANARY}/{name}",
            uploader_id=CANARY,
            uri=f"{source.rstrip('/')}/{self.name}",
            title=f"{self.name}, by the canary",
            submitted_at=now,
            content=self.content,
        )


LISTED = Probe("listed", VerdictDecided.Verdict.BLOCKED)
UNLISTED = Probe("unlisted", VerdictDecided.Verdict.CLEAR)
PROBES = (LISTED, UNLISTED)


def registration() -> Register:
    """Return the registration of the listed content, by its digests."""
    return Register(
        title="What the canary uploads",
        references=(Reference("noise", content=LISTED.content),),
        documents=(Document(kind="none: it is noise, made for this"),),
        attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by=CANARY),
    )
