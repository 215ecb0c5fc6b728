"""Whom a secured Kafka lets in, and what it lets them do: a client without the right is refused, one with it works."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    for_code,
)

from services.client import ClientError, Staydown
from services.cluster.acls import create_permissions
from services.cluster.errors import ClusterError
from services.cluster.permissions import permissions
from services.cluster.probe import check_reachable
from services.runtime.address import Address, Kafka
from services.runtime.checking import admin_client
from services.runtime.provisioning import check_topics
from tests.wire.broker import ADMIN, RIGHTSHOLDER, SecuredKafka, first_password, kafka_by
from tests.wire.certificates import Authority

REACHABLE_SECONDS_MAX = 10.0


def _is_let_in(kafka: Address) -> bool:
    try:
        asyncio.run(check_reachable(kafka, REACHABLE_SECONDS_MAX))
    except ClusterError:
        return False
    return True


def test_who_shows_a_password_or_a_certificate_is_let_in(secured: SecuredKafka) -> None:
    """By the same settings as any service."""
    assert _is_let_in(kafka_by(secured.named("hasher")))
    assert _is_let_in(kafka_by(secured.certified(*secured.authority.certify("hasher"))))


def test_who_shows_a_wrong_password_is_not_and_hears_their_name_but_no_secret(
    secured: SecuredKafka, tmp_path: Path
) -> None:
    """As for a name that nobody has."""
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong one")
    with pytest.raises(ClusterError) as refused:
        asyncio.run(check_reachable(kafka_by(secured.named("hasher", SASL_PASSWORD_FILE=wrong)), REACHABLE_SECONDS_MAX))
    assert "hasher at" in str(refused.value)
    assert "wrong one" not in str(refused.value)
    assert not _is_let_in(kafka_by(secured.named("nobody", SASL_PASSWORD_FILE=wrong)))


def test_who_shows_no_certificate_or_one_of_another_authority_is_not(secured: SecuredKafka, tmp_path: Path) -> None:
    """Nor one that is over."""
    foreign = Authority(tmp_path).certify("hasher")
    over = Authority.certify(secured.authority, "late", lasts=dt.timedelta(days=-1))
    assert not _is_let_in(kafka_by(secured.certified(None, None)))
    assert not _is_let_in(kafka_by(secured.certified(*foreign)))
    assert not _is_let_in(kafka_by(secured.certified(*over)))


def test_a_broker_that_somebody_else_vouches_for_is_told_nothing(secured: SecuredKafka, tmp_path: Path) -> None:
    """No password goes to whoever has taken the broker's address; nor to one that speaks plain text."""
    assert not _is_let_in(kafka_by(secured.named("hasher", SSL_CA_FILE=Authority(tmp_path).file)))
    assert not _is_let_in(kafka_by(secured.named("hasher", SSL_CA_FILE="")))
    assert not _is_let_in(kafka_by({**secured.named("hasher"), "STAYDOWN_KAFKA": secured.own}))
    assert not _is_let_in(Kafka(secured.by_name))


@asynccontextmanager
async def _started(client: Any) -> AsyncIterator[Any]:
    """Start a client, and stop it even if it could not be started."""
    try:
        await client.start()
        yield client
    finally:
        await client.stop()


async def _write(kafka: Kafka, topic: str) -> None:
    async with _started(AIOKafkaProducer(**kafka.options)) as producer:
        await producer.send_and_wait(topic, b"{}", key=b"k")


async def _read(kafka: Kafka, topic: str) -> None:
    """Ask first whether the topic is there: a reader would wait for ever for one that it may not see."""
    async with admin_client(kafka) as admin:
        if code := (await admin.describe_topics([topic]))[0]["error_code"]:
            raise for_code(code)
    async with _started(AIOKafkaConsumer(**kafka.options, group_id=None, auto_offset_reset="earliest")) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        async with asyncio.timeout(REACHABLE_SECONDS_MAX):
            await consumer.getone()


async def _join(kafka: Kafka, group: str) -> None:
    async with _started(AIOKafkaConsumer("verdicts.decided.v1", **kafka.options, group_id=group)) as consumer:
        async with asyncio.timeout(REACHABLE_SECONDS_MAX):
            await consumer.getone()


async def _fence(kafka: Kafka, transactional_id: str) -> None:
    async with _started(AIOKafkaProducer(**kafka.options, transactional_id=transactional_id)):
        pass


@pytest.mark.parametrize(
    ("principal", "attempt", "name", "refusal"),
    [
        (RIGHTSHOLDER, _read, "works.submitted.v1", TopicAuthorizationFailedError),
        (RIGHTSHOLDER, _read, "works.receipts.v1", TopicAuthorizationFailedError),
        (RIGHTSHOLDER, _write, "uploads.submitted.v1", TopicAuthorizationFailedError),
        (RIGHTSHOLDER, _write, "disputes.submitted.v1", TopicAuthorizationFailedError),
        (RIGHTSHOLDER, _fence, "registry-0", TransactionalIdAuthorizationFailed),
        ("hasher", _write, "verdicts.decided.v1", TopicAuthorizationFailedError),
        ("hasher", _read, "works.submitted.v1", TopicAuthorizationFailedError),
        ("registry", _read, "enforcer.state", TopicAuthorizationFailedError),
        ("ledger", _fence, "enforcer-0", TransactionalIdAuthorizationFailed),
        ("upload-pipeline", _read, "copies.changed.v1", TopicAuthorizationFailedError),
        ("upload-pipeline", _join, "notifier", GroupAuthorizationFailedError),
        ("auditor", _write, "reviews.submitted.v1", TopicAuthorizationFailedError),
        ("console", _read, "verdicts.decided.v1", TopicAuthorizationFailedError),
    ],
)
def test_what_a_principal_may_not_do_is_refused(
    secured: SecuredKafka,
    principal: str,
    attempt: Callable[[Kafka, str], Awaitable[None]],
    name: str,
    refusal: type[KafkaError],
) -> None:
    """By the broker, whatever the client tries."""
    with pytest.raises(refusal):
        asyncio.run(attempt(kafka_by(secured.named(principal)), name))  # type: ignore[arg-type]  # they are coroutines


def test_a_certificate_gives_the_rights_of_its_name_and_no_others(secured: SecuredKafka) -> None:
    """The common name is the principal."""
    by_certificate = kafka_by(secured.certified(*secured.authority.certify("legal-team")))
    asyncio.run(_write(by_certificate, "rightsholders.submitted.v1"))
    with pytest.raises(TopicAuthorizationFailedError):
        asyncio.run(_write(by_certificate, "works.submitted.v1"))


def test_whoever_may_not_see_a_topic_is_told_so_in_one_sentence(secured: SecuredKafka) -> None:
    """The client of Python, which takes security as aiokafka does."""
    options = dict(kafka_by(secured.named(RIGHTSHOLDER)).security)

    async def watch() -> None:
        async with Staydown(secured.by_name, **options) as staydown:
            await anext(aiter(staydown.verdicts()))

    with pytest.raises(ClientError, match="verdicts") as refused:
        asyncio.run(watch())
    assert first_password(RIGHTSHOLDER) not in str(refused.value)


def test_permissions_are_created_once(secured: SecuredKafka) -> None:
    """All are there from the begin of these tests; only a super user may create any."""
    everybody = permissions([RIGHTSHOLDER])
    assert asyncio.run(create_permissions(kafka_by(secured.named(ADMIN)), everybody)) == 0
    with pytest.raises(ClusterError, match="permissions"):
        asyncio.run(create_permissions(kafka_by(secured.named("provisioner")), everybody))


def test_the_provisioner_may_check_the_topics(secured: SecuredKafka) -> None:
    """It made them already."""
    assert asyncio.run(check_topics(kafka_by(secured.named("provisioner")))) == []
