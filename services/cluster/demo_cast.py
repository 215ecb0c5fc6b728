"""Who and what appears in the demo. Ids end in the run's own mark, so that a kept state can be played on again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace

from services.client.files import media_type_of
from services.contracts.submitted import (
    Attestation,
    Document,
    Enroll,
    Reference,
    Register,
    Release,
    RightsholderSubmitted,
    UploadSubmitted,
    WorkSubmitted,
)

TITLE = "Paper Lanterns"
LABEL = "Northwind Records"
EARLIER = (("mia", "bedroom-tapes"), ("jonas", "late-night-radio"), ("ama", "fresh-uploads"))
"""Who posted the song before it was registered, and where."""

AGAIN = (
    ("tom", "Paper Lanterns (full song)"),
    ("tom", "P4per L4nterns"),
    ("lin", "my new track, what do you think?"),
    ("tom", "PAPER LANTERNS free download"),
    ("kai", "untitled 7"),
    ("lin", "Lanterns of Paper (cover)"),
    ("eve", "relaxing music for studying"),
    ("kai", "not paper lanterns"),
    ("eve", "track01"),
    ("tom", "reupload since they deleted it"),
)
"""Who posts it again afterwards, and what they call it."""


ALIKE = (("eve", "slow lanterns"), ("kai", "night drive mixtape"))
"""Who posts what was made of the song, and what they call it: a cut, and the song after another one."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The names and files of one run: the label's song, somebody's own song, and a second one of theirs.

    `tagged`, `cut` and `mixtape`: what others made of the label's song. `title`: what it is called.
    """

    run: str
    song: Path
    own_song: Path
    other_song: Path
    missing: Path
    tagged: Path
    cut: Path
    mixtape: Path
    title: str = TITLE

    @property
    def label(self) -> str:
        """The rightsholder's id."""
        return f"northwind-{self.run}"

    @property
    def work(self) -> str:
        """The work's id."""
        return f"paper-lanterns-{self.run}"

    def upload_id(self, name: str) -> str:
        """Return the id of an upload."""
        return f"{name}-{self.run}"

    def upload(self, name: str, uploader: str, community: str, title: str, file: Path) -> UploadSubmitted:
        """Return an upload of a file."""
        return UploadSubmitted(
            upload_id=self.upload_id(name),
            uploader_id=f"{uploader}-{self.run}",
            uri=file.as_uri(),
            community_id=f"{community}-{self.run}",
            media_type=media_type_of(str(file)),
            title=title,
            submitted_at=datetime.now(UTC),
        )

    def enrolment(self) -> RightsholderSubmitted:
        """Return the step by which the platform lets the label in."""
        enroll = Enroll(LABEL, contact="rights@northwind.example", standing=Enroll.Standing.TRUSTED)
        return RightsholderSubmitted(self.label, str(uuid4()), datetime.now(UTC), enroll=enroll)

    def registration(self, *, with_document: bool) -> WorkSubmitted:
        """Return the label's registration of its song, complete or without the paper that shows its right."""
        paper = Document("recording contract", "https://northwind.example/contracts/17.pdf")
        register = Register(
            title=self.title,
            artists=("The Night Post",),
            references=(Reference("master", uri=self.song.as_uri(), media_type=media_type_of(str(self.song))),),
            documents=(paper,),
            attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by="R. Haddad"),
        )
        said = register if with_document else replace(register, documents=())
        return WorkSubmitted(self.label, str(uuid4()), self.work, datetime.now(UTC), register=said)

    def release(self) -> WorkSubmitted:
        """Return the label's withdrawal."""
        release = Release(Release.Reason.WITHDRAWN)
        return WorkSubmitted(self.label, str(uuid4()), self.work, datetime.now(UTC), release=release)
