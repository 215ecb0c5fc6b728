"""The hasher as a process of its own on a real Kafka: questions in, answers out, and the CPU that it took.

Promises: every answer is compared with the truth; as much is asked at once as the hasher can hold and no more, so that
it is never idle and never puts a large file off for want of room.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path

from aiokafka import AIOKafkaProducer

from loadtest.cpu import parse_process, snapshot, used_between
from loadtest.hashing.files import File, Files
from loadtest.reading import Arrival, Reader, facts, reading
from loadtest.target import LoadTestError, progress
from services.cluster.broker_settings import Profile
from services.cluster.child import Child
from services.cluster.jars import KAFKA_VERSION
from services.cluster.java import find_java, java_version
from services.cluster.launch import choose_addresses, service_child, wait_until_all_ready
from services.cluster.running import running_kafka
from services.cluster.supervision import Supervisor
from services.contracts.codec import encode
from services.contracts.inside import ReadRequested, UploadRead
from services.contracts.topics import READS_REQUESTED, UPLOADS_READ
from services.runtime.provisioning import create_topics
from services.runtime.reads import LARGE_WAITING_MAX
from services.runtime.scanning import PIECE_BYTES
from services.runtime.settings import Settings

PARTITIONS = 4
EXAMPLES_MAX = 5
# CPU time is counted in hundredths of a second.
IDLE_SECONDS = 5.0
STOP_SECONDS_MAX = 10.0
BATCH_BYTES_MAX = 512 * 1024
# More would only lie in Kafka: each partition holds 2,000 in flight.
ASKED_MAX = 20_000
LARGE_ASKED_MAX = LARGE_WAITING_MAX // 2
# A GiB takes half a second; a machine in trouble gets a hundred times that.
ANSWER_SECONDS_MAX = 60.0


@dataclass(slots=True)
class Answers:
    """What came of some questions. `missed`: not answered in time."""

    reads: int = 0
    missed: int = 0
    wrong: int = 0
    duplicate: int = 0
    examples: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0
    loop_seconds: float = 0.0
    """Of these: of the first thread, which is the event loop."""
    seconds: float = 0.0
    others_cores: float = 0.0


class Hasher:
    """One hasher that runs alone."""

    def __init__(self, supervisor: Supervisor, producer: AIOKafkaProducer, partitions: int) -> None:
        self.broker = f"Apache Kafka {KAFKA_VERSION}, Java {java_version(find_java())}, {' '.join(Profile.LOAD.value)}"
        self._supervisor = supervisor
        self._producer = producer
        self._partitions = partitions
        self._run = 0
        self._asked: dict[str, File] = {}
        self._seen: set[str] = set()
        self._answers = Answers()
        self.reader: Reader

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._supervisor.pids["hasher"]

    async def idle_cores(self) -> float:
        """Return what it uses with nothing to do: it polls, commits and looks after its threads all the time."""
        before = snapshot({"hasher": self.pid})
        await asyncio.sleep(IDLE_SECONDS)
        used = used_between(before, snapshot({"hasher": self.pid}))
        return used.by_process["hasher"] / used.seconds

    async def read(self, files: Files, reads: int) -> Answers:
        """Have it read the files again and again, so many reads in all, and return what came of it."""
        self._run += 1
        self._asked, self._seen, self._answers = {}, set(), Answers(reads)
        questions = _questions(f"{self._run}", files, reads)
        asked_max = ASKED_MAX if files.size <= PIECE_BYTES else LARGE_ASKED_MAX
        before, loop_before = snapshot({"hasher": self.pid}), _loop_seconds(self.pid)
        while asked := list(islice(questions, asked_max // 2)):
            await self._ask(asked)
            await self._until_few_are_left(asked_max // 2)
        await self._until_few_are_left(0)
        used = used_between(before, snapshot({"hasher": self.pid}))
        if used.restarted:
            raise LoadTestError("The hasher ended and was started again: see its log.")
        answers = self._answers
        answers.missed = len(self._asked)
        for file in self._asked.values():
            self._complain(f"missed: {file.path}")
        answers.cpu_seconds, answers.seconds = used.by_process["hasher"], used.seconds
        answers.loop_seconds = _loop_seconds(self.pid) - loop_before
        answers.others_cores = used.others / used.seconds
        return answers

    def saw(self, arrival: Arrival) -> None:
        """Compare an answer with the truth."""
        read: UploadRead = arrival.fact
        if read.upload_id in self._seen:
            self._answers.duplicate += 1
            return
        file = self._asked.pop(read.upload_id, None)
        if file is None:
            return
        self._seen.add(read.upload_id)
        if read.content != file.content:
            self._answers.wrong += 1
            self._complain(f"wrong: {file.path}: {read.failure or read.content}")

    def _complain(self, example: str) -> None:
        if len(self._answers.examples) < EXAMPLES_MAX:
            self._answers.examples.append(example)

    async def _ask(self, asked: list[tuple[ReadRequested, File]]) -> None:
        """Send questions, evenly over the partitions, in as few batches as it takes."""
        self._asked |= {question.upload_id: file for question, file in asked}
        sent = []
        for partition in range(self._partitions):
            left = [encode(question) for question, _ in asked[partition :: self._partitions]]
            keys = [question.upload_id.encode() for question, _ in asked[partition :: self._partitions]]
            at = 0
            while at < len(left):
                batch = self._producer.create_batch()
                while at < len(left) and batch.append(key=keys[at], value=left[at], timestamp=None):
                    at += 1
                sent.append(await self._producer.send_batch(batch, READS_REQUESTED.name, partition=partition))
        await asyncio.gather(*sent)

    async def _until_few_are_left(self, few: int) -> None:
        """Wait until no more than that are unanswered; one answer in a while is enough to go on waiting."""
        while len(self._asked) > few:
            before = len(self._asked)
            if await self.reader.until(lambda: len(self._asked) <= few, ANSWER_SECONDS_MAX):
                return
            if len(self._asked) == before:
                return


def _questions(name: str, files: Files, reads: int) -> Iterator[tuple[ReadRequested, File]]:
    """Return questions about the files, one after another and again; what is too large for it asks the slow lane."""
    is_slow = files.size > Settings().ordinary_read_bytes
    for number, file in enumerate(islice(cycle(files.made), reads)):
        yield ReadRequested(f"{name}-{number}", 0, 0, Path(file.path).as_uri(), is_slow), file


def _loop_seconds(pid: int) -> float:
    return parse_process(Path(f"/proc/{pid}/task/{pid}/stat").read_text())


def resident_bytes(pid: int) -> int:
    """Return how much memory a process has, shared pages included."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


@asynccontextmanager
async def running_hasher(folder: Path, media: Path, profile: Path | None = None) -> AsyncIterator[Hasher]:
    """Run Kafka and a hasher, and nothing else, while the context lasts; `profile` gets that of its event loop."""
    async with running_kafka(folder / "kafka", progress, profile=Profile.LOAD) as kafka:
        await create_topics(kafka.bootstrap, PARTITIONS)
        [(name, http)] = choose_addresses(["hasher"]).items()
        child = service_child(name, http, kafka.bootstrap, str(media), folder)
        if profile is not None:
            child = _profiled(child, profile)
        supervisor = Supervisor(lambda _: None)
        await supervisor.start(child)
        try:
            await wait_until_all_ready([child])
            async with _talking(kafka.bootstrap, supervisor) as hasher:
                yield hasher
        finally:
            await supervisor.stop([name], STOP_SECONDS_MAX)


def _profiled(child: Child, profile: Path) -> Child:
    """Return the same process under Python's profiler, which sees its first thread: the event loop."""
    python, *arguments = child.command
    return replace(child, command=(python, "-m", "cProfile", "-o", str(profile.resolve()), *arguments))


@asynccontextmanager
async def _talking(bootstrap: str, supervisor: Supervisor) -> AsyncIterator[Hasher]:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES_MAX
    )
    await producer.start()
    try:
        hasher = Hasher(supervisor, producer, PARTITIONS)
        async with reading(bootstrap, {UPLOADS_READ: facts(UPLOADS_READ, hasher.saw)}) as hasher.reader:
            yield hasher
    finally:
        await producer.stop()
