"""The Python client, against a running `staydown up` and on topics to which the test itself writes."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from services.client import ClientError, RefusedError, Staydown, UnansweredError, UnsendableError, registration
from services.client.keys import generate_keys
from services.cluster.ports import free_ports
from services.contracts.decided import Recipient, TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.objections import Dispute, DisputeSubmitted
from services.contracts.submitted import Enroll, License, Licensee, UploadSubmitted
from services.contracts.topics import (
    DISPUTES_SUBMITTED,
    NOTICES_ISSUED,
    TAKEDOWNS_ISSUED,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
)
from services.runtime.partitioning import partition_of
from tests.cli.conftest import Cluster
from tests.cli.facts import notice, receipt, takedown, verdict
from tests.cli.topics import Topics

Verdict = VerdictDecided.Verdict
Status = WorkReceipt.Status
Reason = WorkReceipt.Reason
CLEAR, BLOCKED = Verdict.CLEAR, Verdict.BLOCKED
T = TypeVar("T")


@pytest.fixture
def song(cluster: Cluster, run_id: str) -> Path:
    """Return a file that no test before has posted."""
    file = cluster.media / f"{run_id}.wav"
    file.write_text(f"a song called {run_id}")
    return file


def upload(name: str, song: Path) -> UploadSubmitted:
    """Return an upload of a song by somebody who posted nothing else, and so has no strikes."""
    return UploadSubmitted(name, f"by-{name}", song.as_uri())


@pytest.mark.kafka
def test_a_work_goes_its_way(cluster: Cluster, song: Path, run_id: str) -> None:
    """Registered, licensed, revoked, released: each call returns its receipt, and each upload its verdict."""

    async def play() -> None:
        async with Staydown(cluster.bootstrap) as staydown:
            await staydown.admit(run_id, Enroll("A Label", standing=Enroll.Standing.TRUSTED))
            before = await staydown.submit_and_wait(upload(f"1-{run_id}", song))
            assert before is not None
            assert before.verdict is CLEAR
            what = registration("A Song", [song], documents=[cluster.paper], signed_by="A. Person")
            registered = await staydown.register(run_id, "song", what)
            assert (registered.status, registered.copies_found) == (Status.ENFORCED, 1)
            again = await asyncio.gather(
                *(staydown.submit_and_wait(upload(f"again-{number}-{run_id}", song)) for number in range(20))
            )
            assert [each and each.verdict for each in again] == [BLOCKED] * 20
            licensed = await staydown.license(run_id, "song", License("l", Licensee(uploader_id="bob")))
            assert licensed.status is Status.LICENSED
            assert (await staydown.revoke(run_id, "song", "l")).status is Status.REVOKED
            standing = await staydown.standing(run_id, "song")
            assert (standing.in_force, standing.copies_found, standing.refused) == (True, 1, 20)
            assert (await staydown.release(run_id, "song")).status is Status.RELEASED
            assert (await staydown.settle(run_id)).status is Status.RELEASED

    asyncio.run(play())


@pytest.mark.kafka
def test_the_verdict_on_a_submission_can_be_asked_for_by_anybody(cluster: Cluster, song: Path, run_id: str) -> None:
    """Whether it was said before or comes yet; an unchanged repetition has the verdict of the first."""

    async def play() -> None:
        async with Staydown(cluster.bootstrap) as one, Staydown(cluster.bootstrap) as other:
            sent = await one.submit(upload(run_id, song))
            names = (f"{number}-{run_id}" for number in count())
            neighbour = next(each for each in names if partition_of(each.encode(), 4) == sent.partition)
            coming = await other.verdict(run_id, sent.offset)
            assert coming is not None
            assert (coming.verdict, coming.submission) == (CLEAR, sent.offset)
            assert await other.verdict(run_id, sent.offset) == coming
            repeated = await one.submit(upload(run_id, song))
            assert await other.verdict(run_id, repeated.offset) == coming
            deleted = await one.delete(run_id)
            assert await other.verdict(run_id, deleted.offset, 2.0) is None
            with pytest.raises(ClientError, match=f"is no submission of {neighbour}"):
                await other.verdict(neighbour, sent.offset)

    asyncio.run(play())


@pytest.mark.kafka
def test_what_is_signed_is_accepted_and_what_is_not_is_refused(
    cluster: Cluster, song: Path, run_id: str, tmp_path: Path
) -> None:
    """By the key in a file; the error holds reasons and cures, in words and as data."""
    keys = generate_keys(tmp_path / "key", tmp_path / "key.pub")
    enroll = Enroll("A Label", standing=Enroll.Standing.TRUSTED, public_key=base64.b64encode(keys.public_key).decode())
    what = registration("A Song", [song], by_digest=True, documents=["s3://papers/1"], signed_by="A. Person")

    async def play() -> None:
        async with Staydown(cluster.bootstrap, key=tmp_path / "key") as signing, Staydown(cluster.bootstrap) as other:
            await other.admit(run_id, enroll)
            with pytest.raises(RefusedError, match=r"work song of .* is refused: BAD_SIGNATURE at ") as refused:
                await other.register(run_id, "song", what)
            assert refused.value.receipt.problems[0].cure
            assert (await signing.register(run_id, "song", what)).status is Status.ENFORCED

    asyncio.run(play())


def test_a_kafka_that_is_not_there_is_named_soon() -> None:
    """Whatever is asked of it."""
    address = f"127.0.0.1:{free_ports(1)[0]}"
    calls: tuple[Callable[[Staydown], Awaitable[object]], ...] = (
        lambda it: it.delete("u"),
        lambda it: it.release("a", "w"),
        lambda it: it.verdict("u", 1),
        lambda it: it.standing("a", "w"),
        lambda it: anext(it.verdicts()),
    )

    async def play() -> None:
        async with Staydown(address) as staydown:
            for call in calls:
                with pytest.raises(ClientError, match=f"^No Kafka answers at {address}.$"):
                    await call(staydown)

    asyncio.run(play())


@pytest.mark.kafka
def test_what_cannot_be_is_said_before_anything_is_sent(topics: Topics) -> None:
    """A missing topic and a fact that breaks the contract are errors of their own."""
    nowhere = replace(UPLOADS_SUBMITTED, name="uploads.nowhere.v1")

    async def play() -> None:
        async with Staydown(topics.bootstrap) as staydown:
            with pytest.raises(ClientError, match=r"has no topic uploads\.nowhere\.v1: .*topics create"):
                await staydown.send(nowhere, "u", UploadSubmitted("u", "b", "file:///x"))
            with pytest.raises(ClientError, match=r"has no topic uploads\.nowhere\.v1: .*topics create"):
                await anext(staydown.watch(nowhere))
            for wrong in (UploadSubmitted("", "b", "file:///x"), UploadSubmitted("u", "", "file:///x")):
                with pytest.raises(UnsendableError, match="cannot be sent: "):
                    await staydown.submit(wrong)
            with pytest.raises(UnsendableError, match="not UTF-8"):
                await staydown.submit(UploadSubmitted("u", "b", "file:///x", title="\udcff"))

    asyncio.run(play())


@pytest.mark.kafka
def test_a_wait_that_is_over_says_so(topics: Topics, run_id: str) -> None:
    """Nobody answers here; of a registration that was replaced before ENFORCED, ACCEPTED is the answer."""
    what = registration("t", ["s3://b/k"])

    async def play() -> None:
        async with Staydown(topics.bootstrap) as staydown:
            with pytest.raises(UnansweredError, match="No final receipt"):
                await staydown.release(run_id, "w", seconds=0.3)
            with pytest.raises(UnansweredError, match="No verdict"):
                await staydown.verdict(run_id, 10**6, seconds=0.3)
            pending = await staydown.act(run_id, "w", what)
            accepted = receipt(Status.ACCEPTED, pending.fact.submission_id, rightsholder_id=run_id)
            await staydown.send(WORKS_RECEIPTS, run_id, accepted)
            assert await pending.receipt(1.0) == accepted

    asyncio.run(play())


@pytest.mark.kafka
def test_what_is_decided_is_followed_in_its_order(topics: Topics, run_id: str) -> None:
    """From the oldest on, by the type of its topic; a verdict that was taken back is None."""
    down = takedown(run_id, TakedownIssued.Status.ISSUED)
    told = notice(Recipient.Kind.UPLOADER, run_id)
    answer = receipt(Status.ACCEPTED, rightsholder_id=run_id)
    topics.tell(
        (VERDICTS_DECIDED, run_id, verdict(run_id, BLOCKED)),
        (VERDICTS_DECIDED, run_id, None),
        (TAKEDOWNS_ISSUED, "u", down),
        (NOTICES_ISSUED, run_id, told),
        (WORKS_RECEIPTS, run_id, answer),
    )

    async def play() -> None:
        async with Staydown(topics.bootstrap) as it:
            verdicts = [each async for each in _some(it.verdicts(from_beginning=True), lambda e: e[0] == run_id, 2)]
            assert [each and each.verdict for _, each in verdicts] == [BLOCKED, None]
            async for _ in it.verdicts(from_beginning=True):
                break  # whoever breaks off has nothing to close
            assert [e async for e in _some(it.takedowns(from_beginning=True), lambda e: e == down, 1)] == [down]
            assert [e async for e in _some(it.notices(from_beginning=True), lambda e: e == told, 1)] == [told]
            assert [e async for e in _some(it.receipts(from_beginning=True), lambda e: e == answer, 1)] == [answer]

    asyncio.run(play())


async def _some(stream: AsyncGenerator[T, None], concerns: Callable[[T], bool], left: int) -> AsyncGenerator[T, None]:
    """Give the first of a stream that concern us."""
    async with aclosing(stream) as found, asyncio.timeout(30):
        async for each in found:
            if concerns(each):
                yield each
                left -= 1
            if not left:
                return


@pytest.mark.kafka
def test_a_work_s_disputes_are_told_with_it(topics: Topics, run_id: str) -> None:
    """Those about its takedowns, each by its last step; other works' on the same upload are not its."""
    ours = takedown(f"t-{run_id}", TakedownIssued.Status.ISSUED, upload_id=run_id, rightsholder_id=run_id)
    said = Dispute(Dispute.Ground.OWN_WORK, "mine")
    topics.tell(
        (TAKEDOWNS_ISSUED, run_id, ours),
        (DISPUTES_SUBMITTED, run_id, DisputeSubmitted(run_id, "d", dispute=said)),
        (DISPUTES_SUBMITTED, run_id, DisputeSubmitted(run_id, "of-another", "t-other", dispute=said)),
    )

    async def play() -> None:
        async with Staydown(topics.bootstrap) as staydown:
            standing = await staydown.standing(run_id, "w")
            assert [(each.dispute_id, each.last_step) for each in standing.disputes] == [("d", "dispute")]

    asyncio.run(play())
