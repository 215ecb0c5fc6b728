"""The story: everything that happens to uploads and works, each scene with as many records as the last one.

One scene is a mix, as a platform sends it: what a record costs on average is said of that one. What a service does not
do yet it refuses, and its rows say what refusing costs.
"""

from collections import Counter
from collections.abc import Callable
from random import Random

import xxhash
from blake3 import blake3
from msgspec.structs import replace

from loadtest.deciding.plant import Plant
from loadtest.target import LoadTestError
from services.contracts import topics
from services.contracts.decided import TakedownIssued, VerdictDecided
from services.contracts.inside import ReferenceRead, ReferenceRequested, UploadRead
from services.contracts.objections import Dispute, DisputeSubmitted, ReviewSubmitted, UploadReviewed, WorkReviewed
from services.contracts.sample import Place, Sample, sample_of
from services.contracts.standing import Standee, StrikeIncurred
from services.contracts.submitted import (
    Attestation,
    Document,
    Enroll,
    License,
    Licensee,
    Policy,
    Reference,
    Register,
    Release,
    Revoke,
    RightsholderSubmitted,
    UploadSubmitted,
    WorkSubmitted,
)
from services.contracts.types import Content

RIGHTSHOLDERS = 20
COMMUNITIES = 100
STRIKES_EACH = 40
"""More than any threshold, so that every standing there is comes up."""

CHUNKS = 400
"""Chunks of what can be compared: a file of 10 MB, the upload of `cost --preset vk`, of which a sample keeps 128."""

FILM_CHUNKS = 5_200
"""Of one of 130 MB, the upload of `cost --preset youtube`; a sample keeps 1,300."""

SOME = 20
"""One in so many works is registered by a file, and met by one that resembles it; and so many uploads are films."""

MIX = "the mix"
MIX_OF = 100
MIX_REGISTERED, MIX_LISTED = 1, 4
"""Of a hundred events of the mix, as in the load test of that name: registrations, and re-uploads of what is listed.
The others are uploads of something new."""

MIX_SAYS = (
    f"{MIX_OF - MIX_REGISTERED - MIX_LISTED} % uploads of something new, {MIX_LISTED} % re-uploads of what is listed, "
    f"{MIX_REGISTERED} % registrations by file, all of 10 MB"
)

DAY_MS = 24 * 3600 * 1000
LATER_DAYS = 100
"""Past every strike and every submission_id that is remembered."""

Verdict = VerdictDecided.Verdict


class Story:
    """Plays every scene, `count` records each; `seed` picks what the files consist of."""

    def __init__(self, plant: Plant, count: int, seed: int) -> None:
        self.plant = plant
        self.count = count
        self._random = Random(seed)
        self._uploaded: list[str] = []
        """The uploads of the last scene that had any."""
        self._decided: dict[str, VerdictDecided] = {}
        self._down: dict[str, TakedownIssued] = {}

    def play(self) -> None:
        """Play all of them, in order."""
        listed, alike = range(self.count), range(max(self.count // SOME, 1))
        self._enroll()
        self._scene("works registered", lambda: self._register("listed"))
        self._scene("uploads of nothing listed", lambda: self._upload("clear", listed), Verdict.CLEAR)
        self._scene("uploads of what is listed", lambda: self._upload("listed", listed), Verdict.BLOCKED)
        self._scene("works registered by file", lambda: self._register_files(alike))
        self._scene("uploads of what is alike", lambda: self._upload("alike", alike), Verdict.BLOCKED)
        self._scene("uploads of something new", lambda: self._upload("new", listed), Verdict.CLEAR)
        self._scene("uploads of new films", lambda: self._upload("film", alike), Verdict.CLEAR)
        self._scene(MIX, self._mix, Verdict.CLEAR)
        self._uploaded = [f"again-{number}" for number in listed if _is_listed_in_mix(number)]
        self._check(MIX, Verdict.BLOCKED)
        self._scene("takedowns disputed", self._dispute)
        self._scene("works licensed to all", lambda: self._act(listed, license=_everybody()))
        self._scene("licences revoked", lambda: self._act(listed, revoke=Revoke("l")))
        self._scene("works to be reviewed", lambda: self._register("held", Policy(Policy.Action.REVIEW)))
        self._scene("uploads to be reviewed", lambda: self._upload("held", listed))
        self._scene("reviews", self._review)
        self._scene("one file, many copies", lambda: self._upload("hot", listed), Verdict.CLEAR)
        self._scene("that file registered", self._register_hot, Verdict.BLOCKED)
        self._scene("works released", lambda: self._act(listed, release=Release(Release.Reason.WITHDRAWN)))
        self._scene("strikes", self._strike)
        self._scene("uploads deleted", self._delete)
        self.plant.now += LATER_DAYS * DAY_MS
        self._scene(f"{LATER_DAYS} days later", lambda: None)

    def _scene(self, name: str, happen: Callable[[], None], expected: Verdict | None = None) -> None:
        """Let something happen, and everybody do their work."""
        happen()
        self.plant.settle(name)
        self._read_references()
        self.plant.settle(name)
        self._note()
        if expected is not None:
            self._check(name, expected)

    def _check(self, name: str, expected: Verdict) -> None:
        """Refuse a story in which an upload of the last scene has not come to what it must."""
        found = Counter(self._decided[upload_id].verdict for upload_id in self._uploaded if upload_id in self._decided)
        if found != {expected: len(self._uploaded)}:
            raise LoadTestError(
                f"After “{name}” the verdicts on {len(self._uploaded)} uploads are {dict(found)}, and should be "
                f"{expected} alone."
            )

    def _note(self) -> None:
        for decided in self.plant.unread(topics.VERDICTS_DECIDED, VerdictDecided):
            self._decided[decided.upload_id] = decided
        for issued in self.plant.unread(topics.TAKEDOWNS_ISSUED, TakedownIssued):
            self._down[issued.upload_id] = issued

    def _enroll(self) -> None:
        for number in range(RIGHTSHOLDERS):
            name = f"rightsholder-{number}"
            enroll = Enroll(name, standing=Enroll.Standing.TRUSTED)
            self.plant.publish(
                topics.RIGHTSHOLDERS_SUBMITTED, name, RightsholderSubmitted(name, "enrolled", enroll=enroll)
            )
        self.plant.settle("enrolled")

    def _register(self, kind: str, policy: Policy | None = None) -> None:
        """Register as many works; uploads of that kind have their bytes."""
        for number in range(self.count):
            register = replace(_registration(Reference("master", content=content(f"{kind}-{number}"))), policy=policy)
            self._work(number, f"{kind}-song-{number}", register=register)

    def _register_files(self, numbers: range) -> None:
        for number in numbers:
            self._register_file(number)

    def _register_file(self, number: int) -> None:
        reference = Reference("master", uri=f"file:///media/reference-{number}")
        self._work(number, f"song-{number}", register=_registration(reference))

    def _register_hot(self) -> None:
        self._work(0, "hot", register=_registration(Reference("master", content=content("hot"))))

    def _act(self, numbers: range, **action: License | Revoke | Release) -> None:
        for number in numbers:
            self._work(number, f"listed-song-{number}", **action)

    def _work(self, number: int, work_id: str, **action: Register | License | Revoke | Release) -> None:
        (kind,) = action
        name = f"rightsholder-{number % RIGHTSHOLDERS}"
        submitted = WorkSubmitted(name, f"{kind}-{work_id}", work_id, **action)  # type: ignore[arg-type]  # one of its actions
        self.plant.publish(topics.WORKS_SUBMITTED, name, submitted)

    def _upload(self, kind: str, numbers: range) -> None:
        """Upload so many files and have them read."""
        self._uploaded = [f"{kind}-{number}" for number in numbers]
        for number in numbers:
            self._upload_one(kind, number)

    def _upload_one(self, kind: str, number: int) -> None:
        upload_id = f"{kind}-{number}"
        upload = UploadSubmitted(
            upload_id,
            f"uploader-{upload_id}",
            f"file:///media/{upload_id}",
            community_id="" if kind == "clear" else f"community-{number % COMMUNITIES}",
            title="a title",
        )
        offset = self.plant.publish(topics.UPLOADS_SUBMITTED, upload_id, upload)
        self.plant.publish(topics.UPLOADS_READ, upload_id, self._read(kind, number, upload_id, offset))

    def _read(self, kind: str, number: int, upload_id: str, offset: int) -> UploadRead:
        """Read a file: the same one for all of a kind if it is hot, a listed one if it is there again, else its own."""
        found = content({"hot": "hot", "again": f"listed-{number}"}.get(kind, upload_id))
        sampled = {"alike": lambda: self._sample(number, own=8), "film": lambda: self._new_sample(FILM_CHUNKS)}
        sampled |= dict.fromkeys(("new", "mixed", "again"), lambda: self._new_sample(CHUNKS))
        return UploadRead(upload_id, offset, 0, found, sample=sampled[kind]() if kind in sampled else None)

    def _mix(self) -> None:
        """Send what a platform sends; what is uploaded again is known already, and compared as everything is."""
        self._uploaded = []
        for number in range(self.count):
            if number % MIX_OF < MIX_REGISTERED:
                self._register_file(self.count + number)
            elif _is_listed_in_mix(number):
                self._upload_one("again", number)
            else:
                self._upload_one("mixed", number)
                self._uploaded.append(f"mixed-{number}")

    def _read_references(self) -> None:
        """Read what the registry has asked for, as the hasher does."""
        for fact in self.plant.unread(topics.REFERENCES_REQUESTED, ReferenceRequested):
            number = int(fact.work_id.removeprefix("song-"))
            read = ReferenceRead(
                fact.rightsholder_id,
                fact.work_id,
                fact.reference_id,
                fact.registration,
                fact.attempt,
                content(fact.work_id),
                sample=self._sample(number, own=0),
            )
            self.plant.publish(topics.REFERENCES_READ, fact.rightsholder_id, read)

    def _sample(self, number: int, own: int) -> Sample:
        """Return a sample of the chunks of a registered file, with some of its own."""
        shared = Random(f"song {number}")  # and not by the number, which may be the seed of everything else
        return _sample_of([shared.getrandbits(64) for _ in range(CHUNKS)] + self._chunks(own))

    def _new_sample(self, count: int) -> Sample:
        """Return a sample of so many chunks that nobody else has."""
        return _sample_of(self._chunks(count))

    def _chunks(self, count: int) -> list[int]:
        return [self._random.getrandbits(64) for _ in range(count)]

    def _dispute(self) -> None:
        for upload_id, takedown in self._down.items():
            step = Dispute(Dispute.Ground.OWN_WORK, "It is mine.")
            self.plant.publish(
                topics.DISPUTES_SUBMITTED,
                upload_id,
                DisputeSubmitted(upload_id, f"dispute-{upload_id}", takedown.takedown_id, dispute=step),
            )

    def _review(self) -> None:
        """Review every upload that may be held, one right and one wrong in turn, and every work."""
        for number, upload_id in enumerate(self._uploaded):
            answer = ReviewSubmitted.Answer.REJECT if number % 2 else ReviewSubmitted.Answer.APPROVE
            seen = UploadReviewed(upload_id, self._decided[upload_id].decision_id)
            review = ReviewSubmitted(f"review-{number}", "reviewer", answer, upload=seen)
            self.plant.publish(topics.REVIEWS_SUBMITTED, upload_id, review)
            name, work_id = f"rightsholder-{number % RIGHTSHOLDERS}", f"held-song-{number}"
            work = ReviewSubmitted(
                f"review-work-{number}", "reviewer", answer, work=WorkReviewed(name, work_id, f"register-{work_id}")
            )
            self.plant.publish(topics.REVIEWS_SUBMITTED, name, work)

    def _strike(self) -> None:
        for number in range(self.count):
            for kind in Standee.Kind:
                subject = Standee(kind, f"{kind}-{number // STRIKES_EACH}")
                strike = StrikeIncurred(subject, f"takedown-{number}", stands=True)
                self.plant.publish(topics.STRIKES_INCURRED, subject.id, strike)

    def _delete(self) -> None:
        for number in range(self.count):
            self.plant.publish(topics.UPLOADS_SUBMITTED, f"clear-{number}", None)


def content(label: str) -> Content:
    """Return the identity of some bytes that stand for a label."""
    return Content(xxhash.xxh3_128_hexdigest(label.encode()), blake3(label.encode()).hexdigest(), 4096)


def _sample_of(chunks: list[int]) -> Sample:
    return sample_of({chunk: Place(25_000 * at, 25_000) for at, chunk in enumerate(chunks)})


def _is_listed_in_mix(number: int) -> bool:
    """Tell whether an event of the mix is a re-upload of what is listed."""
    return MIX_REGISTERED <= number % MIX_OF < MIX_REGISTERED + MIX_LISTED


def _registration(reference: Reference) -> Register:
    return Register(
        "a title",
        references=(reference,),
        documents=(Document("contract"),),
        attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by="N. N."),
    )


def _everybody() -> License:
    return License("l", Licensee(platform=True))
