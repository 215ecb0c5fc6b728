from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.peers.chain import Chain
from loadtest.peers.consumer import PUBLIC, chain_of
from loadtest.peers.task import Stage, Task
from loadtest.peers.work import identify
from services.contracts.codec import decode, decode_record, encode
from services.contracts.decided import NoticeIssued, TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.inside import UploadRead
from services.contracts.submitted import (
    Attestation,
    Document,
    Enroll,
    Reference,
    Register,
    RightsholderSubmitted,
    UploadSubmitted,
    WorkSubmitted,
)
from services.contracts.topics import (
    NOTICES_ISSUED,
    RIGHTSHOLDERS_SUBMITTED,
    TAKEDOWNS_ISSUED,
    TOPICS,
    UPLOADS_READ,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
    Topic,
)
from services.contracts.types import Content
from services.matcher.round import COPIES_PER_STEP
from services.pipeline import PIPELINE
from services.runtime.outgoing import Sendable
from tests.simulator.cluster import SimulatedCluster
from tests.simulator.files import Files
from tests.simulator.history import History
from tests.simulator.topics import Headers

HAPPENINGS = 20
NOW = 1_700_000_000_000
Verdict, Reason = VerdictDecided.Verdict, VerdictDecided.Reason
Said = dict[tuple[str, str], list[Any]]
"""What was said on each public topic under each key, in order."""


TOPICS_BY_NAME = {topic.name: topic for topic in TOPICS}


class Came(NamedTuple):
    """A record as the Kafka client gives it."""

    key: bytes
    value: bytes | None
    partition: int
    offset: int


class Chained:
    """A chain as the place where a history is published."""

    def __init__(self, chain: Chain) -> None:
        self.now = NOW
        self.sent: list[tuple[str, Sendable]] = []
        self._chain = chain
        self._offsets: defaultdict[str, int] = defaultdict(int)

    def publish(self, topic: Topic, key: str, value: bytes | None) -> None:
        """Write a record as the outside world does, and have it followed to its end."""
        record = Came(key.encode(), value, 0, self._offsets[topic.name])
        self._offsets[topic.name] += 1
        self._keep(self._chain.answer([(topic, [record])], self.now))

    def wait(self, now: int) -> None:
        """Let time pass."""
        self.now = now
        self._keep(self._chain.answer([], now))

    def said(self) -> Said:
        """Return all that was said to the world."""
        found: Said = defaultdict(list)
        for name, record in self.sent:
            key, fact = _decoded(TOPICS_BY_NAME[name], record)
            found[name, key].append(fact)
        return found

    def of(self, topic: Topic) -> list[Any]:
        """Return the facts that were said on a topic, each key's in order."""
        return [fact for (name, _), facts in self.said().items() if name == topic.name for fact in facts]

    def _keep(self, found: Any) -> None:
        self.sent += [(topic, record) for (topic, _), records in found.items() for record in records]


def _decoded(topic: Topic, record: Sendable) -> tuple[str, object | None]:
    key, value, _ = record
    assert key is not None
    return (key.decode(), None) if value is None else decode_record(topic, key, value)


def _said_by(cluster: SimulatedCluster) -> Said:
    found: Said = defaultdict(list)
    for topic in PUBLIC:
        for written in cluster.written(topic):
            found[topic.name, written.key].append(written.fact)
    return found


def _ends(said: Said) -> object:
    """Return what is true in the end. How many steps it took to get there depends on who came to hear of what first."""
    verdicts = [
        (key, last and (last.verdict, last.submission, last.content, last.works, frozenset(last.evidence)))
        for (name, key), (*_, last) in said.items()
        if name == VERDICTS_DECIDED.name
    ]
    facts = [fact for facts in said.values() for fact in facts]
    takedowns = {fact.takedown_id: fact.status for fact in facts if isinstance(fact, TakedownIssued)}
    told = {(fact.about.takedown_id, fact.recipient) for fact in facts if isinstance(fact, NoticeIssued)}
    receipts = {(fact.submission_id, fact.status, fact.reasons) for fact in facts if isinstance(fact, WorkReceipt)}
    return sorted(verdicts, key=str), takedowns, told, receipts


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_the_world_hears_what_it_hears_from_the_services(seed: int) -> None:
    """Random histories, record by record: in the end the same verdicts, takedowns, notices and receipts."""
    random = Random(seed)
    files = Files(flaky=0)
    cluster = SimulatedCluster(random, files, partitions=1)
    chained = Chained(Chain(PIPELINE, PUBLIC, lambda job: files.read(job, random), partitions=1))
    assert cluster.now == chained.now

    class Both:
        """Publishes the same to either."""

        now = NOW

        def last(self, topic: Topic, key: str) -> object | None:
            """Return the last fact with that key that can be read, or None."""
            return cluster.last(topic, key)

        def pass_time(self, milliseconds: int) -> None:
            """Let so much time pass at once."""
            cluster.pass_time(milliseconds)

        def publish(self, topic: Topic, key: str, value: bytes | None, headers: Headers = ()) -> None:
            """Write a record as the outside world does."""
            cluster.publish(topic, key, value, headers)
            cluster.drain()
            chained.publish(topic, key, value)
            chained.wait(cluster.now)

    history = History(Both(), files, random, missing=0)
    for _ in range(HAPPENINGS):
        doings = (history.register, history.release, history.submit, history.delete, history.again)
        random.choices(doings, (5, 3, 6, 1, 3))[0]()
    assert _ends(chained.said()) == _ends(_said_by(cluster)), f"seed {seed}"


def _submitted(path: Path, upload_id: str = "u") -> tuple[Topic, str, bytes]:
    return UPLOADS_SUBMITTED, upload_id, encode(UploadSubmitted(upload_id, "somebody", path.as_uri()))


def _register(content: Content) -> tuple[Topic, str, bytes]:
    register = Register(
        title="a song",
        references=(Reference("file", content=content),),
        documents=(Document(kind="declaration"),),
        attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by="N. N."),
    )
    return WORKS_SUBMITTED, "label", encode(WorkSubmitted("label", "register", "song", register=register))


TRUSTED = Enroll(name="Label", standing=Enroll.Standing.TRUSTED)
ENROL = (RIGHTSHOLDERS_SUBMITTED, "label", encode(RightsholderSubmitted("label", "enrol", enroll=TRUSTED)))


def _task(folder: Path, stage: Stage = Stage.PIPELINE) -> Task:
    return Task(stage, {}, "", partitions=4, media=str(folder))


def test_every_copy_that_was_there_comes_down(tmp_path: Path) -> None:
    """More of them than are told in one step; what the shortest consumer could not do at all."""
    file = tmp_path / "file"
    file.write_bytes(b"bytes")
    chained = Chained(chain_of(_task(tmp_path)))
    copies = {f"u-{number}" for number in range(COPIES_PER_STEP + 50)}
    for upload_id in copies:
        chained.publish(*_submitted(file, upload_id))
    assert {one.verdict for one in chained.of(VERDICTS_DECIDED)} == {Verdict.CLEAR}
    chained.publish(*ENROL)
    chained.publish(*_register(identify(str(file)).content))
    assert {one.upload_id for one in chained.of(TAKEDOWNS_ISSUED)} == copies
    assert sum(bool(one.about.takedown_id) for one in chained.of(NOTICES_ISSUED)) == len(copies)
    assert [one.status for one in chained.of(WORKS_RECEIPTS)] == ["ACCEPTED", "ENFORCED"]


def test_a_file_that_was_not_there_is_read_again_when_its_time_has_come(tmp_path: Path) -> None:
    """By the enforcer's own timer."""
    chained = Chained(chain_of(_task(tmp_path)))
    chained.publish(*_submitted(tmp_path / "file"))
    (tmp_path / "file").write_bytes(b"bytes")
    chained.wait(NOW + 500)
    chained.wait(NOW + 1_000)
    chained.wait(NOW + 60_000)
    said = [(one.verdict, one.reasons) for one in chained.of(VERDICTS_DECIDED)]
    assert said == [(Verdict.UNSCANNED, (Reason.NOT_FOUND,)), (Verdict.CLEAR, (Reason.NO_MATCH,))]


def test_what_a_stranger_names_elsewhere_is_not_opened(tmp_path: Path) -> None:
    """It is read by the hasher's own reader."""
    folder = tmp_path / "media"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"bytes")
    chained = Chained(chain_of(_task(folder)))
    chained.publish(*_submitted(tmp_path / "secret"))
    assert [one.reasons for one in chained.of(VERDICTS_DECIDED)] == [(Reason.NOT_ALLOWED,)]


def test_public_records_have_the_headers_of_the_services(tmp_path: Path) -> None:
    """CloudEvents attributes, with an id for each record."""
    chained = Chained(chain_of(_task(tmp_path)))
    for upload_id in ("u-1", "u-2"):
        chained.publish(*_submitted(tmp_path / "missing", upload_id))
    headers = [dict(record[2]) for _, record in chained.sent]
    assert [one["ce_id"] for one in headers] == [b"enforcer-0-0", b"enforcer-0-1"]
    assert {(one["ce_source"], one["ce_type"]) for one in headers} == {
        (b"/staydown/enforcer", b"staydown.verdicts.decided.v1")
    }


def test_hashing_alone_is_the_hasher(tmp_path: Path) -> None:
    """It says what it read, and nothing else is decided."""
    (tmp_path / "file").write_bytes(b"bytes")
    chained = Chained(chain_of(_task(tmp_path, Stage.HASHING)))
    chained.publish(*_submitted(tmp_path / "file"))
    ((topic, (_, value, headers)),) = chained.sent
    assert (topic, headers) == (UPLOADS_READ.name, [])
    assert value is not None
    assert decode(UploadRead, value).content == identify(str(tmp_path / "file")).content
