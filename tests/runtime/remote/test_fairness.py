"""A source that is slow or dead delays its own uploads only, and nothing is answered twice or never."""

import asyncio
import os
import random
import resource
import threading
from contextlib import AsyncExitStack
from pathlib import Path

from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.cluster.ports import free_ports
from services.contracts.reading import Failure, Found, Read
from services.runtime.remote.breaker import FAILURES_MAX, PAUSE_SECONDS_MIN
from services.runtime.remote.reads import ORDINARY, SLOW, RemoteReads
from services.runtime.settings import Settings
from services.runtime.variables import SettingsError
from tests.runtime.remote.asking import Question, asking, is_content, some_bytes
from tests.runtime.remote.site import Request, running_site

FILE = some_bytes(100_000)
BYTE = b"x"
MIB = 1024 * 1024
OPEN_SECONDS_MAX = 10.0


async def _answer(request: Request) -> None:
    await request.whole(FILE, 'ETag: "one"')


async def _byte(request: Request) -> None:
    await request.whole(BYTE)


async def _stall(_request: Request) -> None:
    await asyncio.Event().wait()


async def _reset(request: Request) -> None:
    await request.head("200 OK", f"Content-Length: {len(FILE)}", 'ETag: "one"')
    await request.send(FILE[request.start :][: random.randrange(1, len(FILE))])
    request.reset()


async def _sometimes(request: Request) -> None:
    await random.choice((_answer, _answer, _reset))(request)


def _numbered(site_uri: str, count: int, *, slow: bool = False) -> list[Read]:
    return [Read(f"{site_uri}?{number}", slow=slow) for number in range(count)]


def test_a_host_that_stalls_delays_nobody_else() -> None:
    """It has more reads than it may have in flight, on both lanes, and another host's are all answered meanwhile."""

    async def scenario() -> None:
        async with (
            running_site({"/": _stall}) as dead,
            running_site({"/": _answer}) as good,
            asking(Settings(ordinary_read_ms=60_000), dead.host, good.host) as own,
        ):
            own.ask(*_numbered(dead.uri("/"), 100), *_numbered(dead.uri("/"), 100, slow=True))
            outcomes = await own.outcomes(_numbered(good.uri("/"), 100))
            assert all(is_content(outcome, FILE) for outcome in outcomes.values())
            slowly = await own.outcomes(_numbered(good.uri("/"), 100, slow=True))
            assert all(is_content(outcome, FILE) for outcome in slowly.values())
            assert dead.connections == ORDINARY.alone_running_max + SLOW.alone_running_max

    asyncio.run(scenario())


def test_what_is_too_much_for_one_host_is_to_be_asked_again() -> None:
    """What waits is bounded: beyond it questions are BUSY on both lanes, which says nothing about the host."""

    async def scenario() -> None:
        async with running_site({"/": _stall}) as dead, asking(Settings(ordinary_read_ms=60_000), dead.host) as own:
            for number, terms in enumerate((ORDINARY, SLOW), start=1):
                bound = terms.alone_running_max + terms.host_waiting_max
                own.ask(*_numbered(dead.uri("/"), bound + 10, slow=terms is SLOW))
                await own.until(10 * number)
            assert [outcome for _, outcome in own.got] == [Failure.BUSY] * 20

    asyncio.run(scenario())


def test_who_asks_a_host_for_what_it_does_not_speak_does_not_close_it_to_others() -> None:
    """It answers by http: as before, however often it was asked by https:."""

    async def scenario() -> None:
        async with running_site({"/": _byte}) as site, asking(None, site.host) as own:
            for number in range(2 * FAILURES_MAX):
                assert await own.outcome(Read(f"https://{site.host}/?{number}")) is Failure.UNREACHABLE
            assert is_content(await own.outcome(Read(site.uri("/"))), BYTE)

    asyncio.run(scenario())


def test_thousands_of_questions_for_one_host_are_all_read_in_the_end() -> None:
    """What found no room is BUSY and never a failure of the host; asked again, all of it is read in a few rounds."""

    async def scenario(*, slow: bool) -> None:
        async with running_site({"/": _byte}) as site, asking(Settings(ordinary_read_ms=60_000), site.host) as own:
            left = _numbered(site.uri("/"), 2_000, slow=slow)
            rounds = 0
            while left:
                rounds += 1
                outcomes = await own.outcomes(left)
                left = [job for job in left if outcomes[job.uri] is Failure.BUSY]
                assert all(is_content(each, BYTE) for each in outcomes.values() if each is not Failure.BUSY)
            assert 1 < rounds <= 2_000 // ORDINARY.host_waiting_max + 1

    for slow in (False, True):
        asyncio.run(scenario(slow=slow))


def test_a_host_has_most_of_a_lane_while_no_other_waits_and_its_share_afterwards() -> None:
    """One host's share is always left free, so that who comes next begins at once and is not held up by the first."""

    async def scenario() -> None:
        async with (
            running_site({"/": _stall}) as first,
            running_site({"/": _stall}) as second,
            asking(Settings(ordinary_read_ms=60_000), first.host, second.host) as own,
        ):
            own.ask(*_numbered(first.uri("/"), ORDINARY.running_max))
            await first.until_connections(ORDINARY.alone_running_max)
            own.ask(*_numbered(second.uri("/"), ORDINARY.running_max))
            await second.until_connections(ORDINARY.host_running_max)
            assert first.connections == ORDINARY.alone_running_max

    asyncio.run(scenario())


def test_a_dead_host_is_left_alone_and_found_again() -> None:
    """After some failures it is not connected to any more; one probe after the pause finds that it is back.

    Both are told with its name, since a metric has only its scheme.
    """

    async def scenario() -> None:
        (port,) = free_ports(1)
        host = f"127.0.0.1:{port}"
        paused = _paused()  # by the tests before
        now = 100.0
        async with asking(None, host, clock=lambda: now) as own:
            for number in range(FAILURES_MAX):
                assert await own.outcome(Read(f"http://{host}/?{number}")) is Failure.UNREACHABLE
            assert _paused() == paused + 1
            async with running_site({"/": _answer}, port=port) as site:
                assert set((await own.outcomes(_numbered(site.uri("/"), 50))).values()) == {Failure.UNREACHABLE}
                assert site.connections == 0
                now += PAUSE_SECONDS_MIN
                assert is_content(await own.outcome(Read(site.uri("/"))), FILE)
                assert site.connections == 1
                assert _paused() == paused

    with capture_logs() as told:
        asyncio.run(scenario())
    assert [(line["event"], line["scheme"]) for line in told] == [("source_paused", "http"), ("source_back", "http")]
    assert len({line["host"] for line in told if line["host"].startswith("127.0.0.1:")}) == 1


def test_every_question_is_answered_once_and_nothing_is_left() -> None:
    """Hosts that answer, stall, reset and are not there; open files and threads are as many as before."""
    nobody = f"127.0.0.1:{free_ports(1)[0]}"

    async def scenario() -> None:
        async with AsyncExitStack() as stack:
            handlers = (_answer, _stall, _reset, _sometimes)
            sites = [await stack.enter_async_context(running_site({"/": each})) for each in handlers]
            hosts = (*(site.host for site in sites), nobody)
            settings = Settings(ordinary_read_ms=2_000, http_read_ms=3_000)
            own = await stack.enter_async_context(asking(settings, *hosts))
            jobs = [Read(f"http://{host}/?{number}", slow=number % 5 == 0) for host in hosts for number in range(20)]
            random.Random(5).shuffle(jobs)
            outcomes = await own.outcomes(jobs)
            assert len(outcomes) == len(jobs)
            good, stalling = ([outcomes[job.uri] for job in jobs if site.host in job.uri] for site in sites[:2])
            assert all(is_content(outcome, FILE) for outcome in good)
            assert not any(isinstance(outcome, Found) for outcome in stalling)

    async def compare() -> None:
        before = _open()
        await scenario()
        await _until_open(before)

    asyncio.run(compare())


def test_what_waits_can_be_forgotten() -> None:
    """Whoever lost its partitions wants no answers; what is in flight is answered."""

    async def scenario() -> None:
        async with running_site({"/": _stall}) as dead, asking(Settings(ordinary_read_ms=500), dead.host) as own:
            own.ask(*_numbered(dead.uri("/"), 100))
            own.reads.forget()
            answers = await own.until(ORDINARY.alone_running_max)
            assert {outcome for _, outcome in answers} == {Failure.SLOW}

    asyncio.run(scenario())


def test_without_file_descriptors_reads_are_unreachable_and_nothing_is_stuck() -> None:
    """The host is not to blame, so it is asked again as soon as there are some."""

    async def scenario() -> None:
        async with running_site({"/": _answer}) as site, asking(None, site.host) as own:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            os.close(free := os.dup(0))  # the lowest that is free: below it none is
            resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
            try:
                outcomes = await own.outcomes(_numbered(site.uri("/"), 3 * FAILURES_MAX))
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert set(outcomes.values()) == {Failure.UNREACHABLE}
            assert is_content(await own.outcome(Read(site.uri("/"))), FILE)

    asyncio.run(scenario())


def test_memory_does_not_grow_with_the_size_of_what_is_read() -> None:
    """From 32 MiB to 256 MiB, of no announced length."""
    piece = b"10000\r\n" + some_bytes(0x10000) + b"\r\n"

    async def stream(request: Request) -> None:
        await request.head("200 OK", "Transfer-Encoding: chunked")
        for _ in range(int(request.path.partition("?")[2])):
            await request.send(piece)
        await request.send("0\r\n\r\n")

    async def scenario() -> None:
        async with running_site({"/": stream}) as site, asking(None, site.host) as own:
            sizes = []
            for mib in (32, 256):
                found = await own.outcome(Read(site.uri(f"/?{mib * 16}"), slow=True))
                assert isinstance(found, Found)
                assert found.content.size_bytes == mib * MIB
                sizes.append(_resident_bytes())
            assert sizes[1] - sizes[0] < 16 * MIB

    asyncio.run(scenario())


def test_too_many_answers_of_a_closed_loop_are_nobodys() -> None:
    """Closing in the middle of everything ends all threads, and raises nothing."""

    async def scenario() -> None:
        async with running_site({"/": _stall, "/file": _answer}) as site, asking(None, site.host) as own:
            own.reads.submit([Question(Read(site.uri("/"), slow=True)) for _ in range(100)])
            assert is_content(await own.outcome(Read(site.uri("/file"))), FILE)
        assert not [each for each in threading.enumerate() if each.name.startswith("remote")]

    asyncio.run(scenario())


def test_whoever_runs_the_reads_learns_of_what_must_not_happen() -> None:
    """An answer that could not be taken, and clients that cannot be made: neither is lost on a thread."""

    async def scenario() -> None:
        errors: asyncio.Queue[BaseException] = asyncio.Queue()

        def refuse(_answers: object) -> None:
            raise LookupError("nobody asked")

        reads: RemoteReads[Question] = RemoteReads(Settings(), refuse, errors.put_nowait)
        reads.submit([Question(Read("http://127.0.0.1/"))])
        assert isinstance(await asyncio.wait_for(errors.get(), 10), LookupError)
        reads.close()
        assert reads.join(10)
        broken: RemoteReads[Question] = RemoteReads(Settings(store_buckets=("az://b",)), refuse, errors.put_nowait)
        assert isinstance(await asyncio.wait_for(errors.get(), 10), SettingsError)
        assert broken.join(10)

    asyncio.run(scenario())


def _paused() -> float:
    value = REGISTRY.get_sample_value("staydown_sources_paused", {"scheme": "http"})
    return 0.0 if value is None else value


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _open() -> tuple[int, int]:
    """Return how many files are open and how many threads run."""
    return len(os.listdir("/proc/self/fd")) - 1, threading.active_count()  # noqa: PTH208  # a file would be one more


async def _until_open(expected: tuple[int, int]) -> None:
    """Wait until no more files are open and threads run than before; the other side closes its ends by and by."""
    async with asyncio.timeout(OPEN_SECONDS_MAX):
        while any(now > then for now, then in zip(_open(), expected, strict=True)):  # noqa: ASYNC110  # the kernel does not tell
            await asyncio.sleep(0.02)
