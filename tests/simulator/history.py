"""A random history: rightsholders, works and uploads in a world so small that everything collides.

What the outside world knows steers it: an upload of listed bytes is submitted the moment ACCEPTED can be read (G4).
"""

from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Protocol

import orjson

from services.contracts.decided import WorkReceipt
from services.contracts.reading import Failure
from services.contracts.topics import (
    RIGHTSHOLDERS_SUBMITTED,
    UPLOADS_SUBMITTED,
    WORKS_SUBMITTED,
    Topic,
)
from tests.simulator.files import LABELS, Files, content_of
from tests.simulator.topics import Headers


class World(Protocol):
    """Where a history is published: the simulated cluster, or a real one."""

    @property
    def now(self) -> int:
        """The clock, in milliseconds since the epoch."""

    def publish(self, topic: Topic, key: str, value: bytes | None, headers: Headers = ()) -> None:
        """Write a record as the outside world does."""

    def last(self, topic: Topic, key: str) -> object | None:
        """Return the last fact with that key that can be read, or None."""

    def pass_time(self, milliseconds: int) -> None:
        """Let so much time pass at once, where that can be."""


RIGHTSHOLDERS = ("label", "studio")
WORKS = ("song", "film")
UPLOADS = ("u1", "u2", "u3", "u4", "u5")
RELATIVES = LABELS[:5]
"""Of these two are in every history, besides one of all: so few that uploads and references meet, same or alike."""
FILES = ("f", "g", "h")
GARBLED = (UPLOADS_SUBMITTED, WORKS_SUBMITTED, RIGHTSHOLDERS_SUBMITTED)
RECORD_BYTES_MAX = 1024 * 1024
GARBAGE = (b"", b"{", b"[]", b'{"upload_id":3}', b"\xff\xfe", b'{"rightsholder_id":"label"}')


class History:
    """Publishes one random fact at a time."""

    ENROLLED = 0.8
    """How many rightsholders are there from the beginning."""

    def __init__(self, cluster: World, files: Files, random: Random, missing: float = 0.1) -> None:
        """`missing`: the share of references that are not there; each holds up its work for half a minute."""
        self.cluster = cluster
        self.missing = missing
        self.random = random
        self.files = files
        self.count = 0
        self.said: list[tuple[Topic, str, bytes, Headers]] = []
        self.submitted: dict[str, None] = {}
        self.registered: dict[str, list[str]] = {}
        self.uploads = UPLOADS[: random.choice((1, 2, 5))]
        self.labels = list(dict.fromkeys((*random.sample(RELATIVES, 2), random.choice(LABELS))))
        for name in FILES:
            files.put(files.uri(name), random.choice(self.labels))
        for label in self.labels:
            files.put(files.uri(f"reference-{label}"), label)
        for rightsholder in RIGHTSHOLDERS:
            if random.random() < self.ENROLLED:
                self.enroll(rightsholder)

    def happen(self) -> None:
        """Let one more thing happen in the world."""
        doings = self.doings()
        self.random.choices([doing for doing, _ in doings], [weight for _, weight in doings])[0]()

    def doings(self) -> list[tuple[Callable[[], None], int]]:
        """Return what can happen, and how often it does beside the others."""
        return [
            (self.register, 5),
            (self.release, 3),
            (self.submit, 6),
            (self.delete, 1),
            (self.again, 3),
            (self.file_changes, 3),
            (self.rarely, 1),
        ]

    def react(self, receipts: Iterable[WorkReceipt]) -> None:
        """Submit uploads of a work's bytes the moment its ACCEPTED can be read."""
        for receipt in receipts:
            if receipt.status is WorkReceipt.Status.ACCEPTED:
                for label in self.registered.get(receipt.submission_id, ()):
                    self.count += 1
                    upload_id = self.random.choice((f"after-{self.count}", ""))
                    self.submit(self.files.uri(f"reference-{label}"), upload_id)

    def register(self) -> None:
        """Register a work by file or by digest."""
        chosen = self.random.sample(self.labels, self.random.choice((1, 2)))
        references = []
        for index, label in enumerate(chosen):
            reference: dict[str, object] = {"reference_id": f"r{index}"}
            if self.random.random() < 0.3:
                content = content_of(label)
                reference["content"] = {
                    "xxh3_128": content.xxh3_128,
                    "blake3": content.blake3,
                    "size_bytes": str(content.size_bytes),
                }
            else:
                missing = self.random.random() < self.missing
                reference["uri"] = self.files.uri("nowhere" if missing else f"reference-{label}")
            references.append(reference)
        self.registered[f"s{self.count}"] = chosen
        self.act(
            register={
                "title": "a song",
                "references": references,
                "documents": [] if self.random.random() < 0.1 else [{"kind": "contract"}],
                "attestation": {"exclusive": True, "accurate": True, "good_faith": True, "signed_by": "N. N."},
                **self.more_of_a_registration(),
            }
        )

    def more_of_a_registration(self) -> Mapping[str, object]:
        """Return what else a registration says: nothing, and so it blocks everywhere and always."""
        return {}

    def release(self) -> None:
        """Give a work free, whoever may hold it."""
        self.act(release={"reason": self.random.choice(("WITHDRAWN", "SETTLED"))})

    def submit(self, uri: str = "", upload_id: str = "") -> None:
        """Submit an upload, new or with other words or another file."""
        upload_id = upload_id or self.random.choice(self.uploads)
        self.submitted[upload_id] = None
        upload = {
            "upload_id": upload_id,
            "uploader_id": "someone",
            "community_id": self.random.choice(("", "fans")),
            "uri": uri or self.files.uri(self.random.choice(FILES)),
            "title": self.random.choice(("", "title")),
            **self.more_of_an_upload(),
        }
        self.say(UPLOADS_SUBMITTED, upload_id, upload)

    def more_of_an_upload(self) -> Mapping[str, object]:
        """Return what else an upload says: nothing, and so it is to be seen everywhere."""
        return {}

    def delete(self) -> None:
        """Delete an upload, whether there is one or not."""
        self.cluster.publish(UPLOADS_SUBMITTED, self.random.choice(self.uploads), None)

    def again(self) -> None:
        """Say once more what was said before, to the byte."""
        if self.said:
            self.cluster.publish(*self.random.choice(self.said[-12:]))

    def file_changes(self) -> None:
        """Let a file become another, or vanish, or come back."""
        self.files.put(self.files.uri(self.random.choice(FILES)), self.random.choice((*self.labels, Failure.NOT_FOUND)))

    def rarely(self) -> None:
        """Suspend, restore, enrol again, reuse a submission_id, or send garbage."""
        rightsholder = self.random.choice(RIGHTSHOLDERS)
        doing = self.random.randrange(5)
        if doing == 0:
            self._legal(rightsholder, suspend={"reason": "because"})
        elif doing == 1:
            self._legal(rightsholder, restore={})
        elif doing == 2:  # one of five
            self.enroll(rightsholder)
        elif doing == 3 and self.count:  # one of five
            self.act(release={"reason": "MISTAKE"}, submission_id=f"s{self.random.randrange(self.count)}")
        else:
            topic = self.random.choice(GARBLED)
            self.cluster.publish(topic, rightsholder, self.random.choice(GARBAGE))

    def enroll(self, rightsholder: str) -> None:
        """Let a rightsholder in."""
        self._legal(rightsholder, enroll={"name": rightsholder, "standing": "TRUSTED", **self.more_of(rightsholder)})

    def more_of(self, rightsholder: str) -> Mapping[str, object]:
        """Return what else an enrolment says of a rightsholder: nothing, and so they need not sign."""
        assert rightsholder in RIGHTSHOLDERS
        return {}

    def act(
        self, submission_id: str = "", work_id: str | None = None, rightsholder: str = "", **action: object
    ) -> None:
        """Let a rightsholder act on a work of theirs, or without one on all of them."""
        rightsholder = rightsholder or self.random.choice(RIGHTSHOLDERS)
        ids = {"submission_id": submission_id} if submission_id else self._id()
        chosen = self.random.choice(WORKS) if work_id is None else work_id
        self.say(WORKS_SUBMITTED, rightsholder, {"rightsholder_id": rightsholder, "work_id": chosen, **ids, **action})

    def say(self, topic: Topic, key: str, value: Mapping[str, object]) -> None:
        """Publish a fact, and remember it to say it again."""
        written = orjson.dumps(value)
        record = (topic, key, written, self.headers(topic, key, written))
        self.said.append(record)
        self.cluster.publish(*record)

    def headers(self, topic: Topic, key: str, value: bytes) -> Headers:
        """Return what a record bears beside its value."""
        assert len(value) < RECORD_BYTES_MAX, f"too much for {topic} of {key}"
        return ()

    def _legal(self, rightsholder: str, **step: object) -> None:
        self.say(RIGHTSHOLDERS_SUBMITTED, rightsholder, {"rightsholder_id": rightsholder, **self._id(), **step})

    def _id(self) -> dict[str, str]:
        self.count += 1
        return {"submission_id": f"s{self.count - 1}"}
