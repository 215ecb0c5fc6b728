"""A random history: rightsholders, works and uploads in a world so small that everything collides.

What the outside world knows steers it: an upload of listed bytes is submitted the moment ACCEPTED can be read (G4).
"""

from random import Random

import orjson

from services.contracts.decided import WorkReceipt
from services.contracts.reading import Failure
from services.contracts.topics import (
    RIGHTSHOLDERS_SUBMITTED,
    UPLOADS_SUBMITTED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
)
from tests.simulator.cluster import SimulatedCluster
from tests.simulator.files import Files, content_of

RIGHTSHOLDERS = ("label", "studio")
WORKS = ("song", "film")
UPLOADS = ("u1", "u2", "u3", "u4", "u5")
LABELS = ("A", "B", "C")
FILES = tuple(f"file:/{name}" for name in "fgh")
GARBAGE = (b"", b"{", b"[]", b'{"upload_id":3}', b"\xff\xfe", b'{"rightsholder_id":"label"}')


class History:
    """Publishes one random fact at a time."""

    def __init__(self, cluster: SimulatedCluster, files: Files, random: Random) -> None:
        self.cluster = cluster
        self.random = random
        self.files = files
        self.count = 0
        self.said: list[tuple[object, str, bytes]] = []
        self.receipts_seen: dict[int, int] = {}
        self.uploads = UPLOADS[: random.choice((1, 2, 5))]
        for uri in FILES:
            files.put(uri, random.choice(LABELS))
        for label in LABELS:
            files.put(f"file:/reference-{label}", label)
        for rightsholder in RIGHTSHOLDERS:
            if random.random() < 0.8:
                self.enroll(rightsholder)

    def happen(self) -> None:
        """Let one more thing happen in the world."""
        doings = (self.register, self.release, self.submit, self.delete, self.again, self.file_changes, self.rarely)
        self.random.choices(doings, (5, 2, 6, 1, 3, 2, 1))[0]()

    def react(self) -> None:
        """Submit an upload of the work's bytes the moment its ACCEPTED can be read."""
        for partition in range(self.cluster.partitions):
            log = self.cluster.log[WORKS_RECEIPTS.name, partition]
            for record in log[self.receipts_seen.get(partition, 0) :]:
                said = orjson.loads(record.value or b"{}")
                if said["status"] == WorkReceipt.Status.ACCEPTED and self.random.random() < 0.7:
                    self.submit(uri=f"file:/reference-{self.random.choice(LABELS)}")
            self.receipts_seen[partition] = len(log)

    def register(self) -> None:
        """Register a work by file or by digest."""
        chosen = self.random.sample(LABELS, self.random.choice((1, 1, 2)))
        references = []
        for index, label in enumerate(chosen):
            reference: dict[str, object] = {"reference_id": f"r{index}"}
            if self.random.random() < 0.5:
                content = content_of(label)
                reference["content"] = {
                    "xxh3_128": content.xxh3_128,
                    "blake3": content.blake3,
                    "size_bytes": str(content.size_bytes),
                }
            else:
                missing = self.random.random() < 0.1
                reference["uri"] = "file:/nowhere" if missing else f"file:/reference-{label}"
            references.append(reference)
        self._work(
            register={
                "title": "a song",
                "references": references,
                "documents": [] if self.random.random() < 0.1 else [{"kind": "contract"}],
                "attestation": {"exclusive": True, "accurate": True, "good_faith": True, "signed_by": "N. N."},
            }
        )

    def release(self) -> None:
        """Give a work free, whoever may hold it."""
        self._work(release={"reason": self.random.choice(("WITHDRAWN", "SETTLED"))})

    def submit(self, uri: str | None = None) -> None:
        """Submit an upload, new or with other words or another file."""
        upload_id = self.random.choice(self.uploads)
        upload = {
            "upload_id": upload_id,
            "uploader_id": "someone",
            "community_id": self.random.choice(("", "fans")),
            "uri": uri or self.random.choice(FILES),
            "title": self.random.choice(("", "title")),
        }
        self._say(UPLOADS_SUBMITTED, upload_id, upload)

    def delete(self) -> None:
        """Delete an upload, whether there is one or not."""
        self.cluster.publish(UPLOADS_SUBMITTED, self.random.choice(self.uploads), None)

    def again(self) -> None:
        """Say once more what was said before, to the byte."""
        if self.said:
            topic, key, value = self.random.choice(self.said[-12:])
            self.cluster.publish(topic, key, value)  # type: ignore[arg-type]  # topics only

    def file_changes(self) -> None:
        """Let a file become another, or vanish, or come back."""
        self.files.put(self.random.choice(FILES), self.random.choice((*LABELS, Failure.NOT_FOUND)))

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
            self._work(release={"reason": "MISTAKE"}, submission_id=f"s{self.random.randrange(self.count)}")
        else:
            topic = self.random.choice((UPLOADS_SUBMITTED, WORKS_SUBMITTED, RIGHTSHOLDERS_SUBMITTED))
            self.cluster.publish(topic, rightsholder, self.random.choice(GARBAGE))

    def enroll(self, rightsholder: str) -> None:
        """Let a rightsholder in."""
        self._legal(rightsholder, enroll={"name": rightsholder})

    def _legal(self, rightsholder: str, **step: object) -> None:
        self._say(RIGHTSHOLDERS_SUBMITTED, rightsholder, {"rightsholder_id": rightsholder, **self._id(), **step})

    def _work(self, submission_id: str = "", **action: object) -> None:
        rightsholder = self.random.choice(RIGHTSHOLDERS)
        ids = {"submission_id": submission_id} if submission_id else self._id()
        work = {"rightsholder_id": rightsholder, "work_id": self.random.choice(WORKS), **ids, **action}
        self._say(WORKS_SUBMITTED, rightsholder, work)

    def _id(self) -> dict[str, str]:
        self.count += 1
        return {"submission_id": f"s{self.count - 1}"}

    def _say(self, topic: object, key: str, value: dict[str, object]) -> None:
        record = (topic, key, orjson.dumps(value))
        self.said.append(record)
        self.cluster.publish(*record)  # type: ignore[arg-type]  # topics only
