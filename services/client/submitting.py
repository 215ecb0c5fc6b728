"""Writing facts to the public input topics.

Promises: nothing is sent that a service would have to put among the dead letters; what `send` returns has been
acknowledged by every replica in sync.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from services.client.errors import ClientError, UnsendableError
from services.client.headers import SOURCE, Headers, event_headers
from services.client.keys import SigningKey
from services.contracts.codec import decode_record, encode
from services.contracts.malformed import MalformedError
from services.contracts.topics import Topic
from services.runtime.address import Address, kafka_at

CONNECT_SECONDS_MAX = 10.0
SEND_SECONDS_MAX = 15.0
REQUEST_TIMEOUT_MS = 10_000
RETRY_BACKOFF_MS = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a record stands."""

    topic: Topic
    key: str
    partition: int
    offset: int


class Sender:
    """Sends facts, each to the partition of its key (murmur2, as the Java client does)."""

    def __init__(self, producer: AIOKafkaProducer, kafka: Address) -> None:
        """Use a producer that has started."""
        self._producer = producer
        self._kafka = kafka
        self._known: set[str] = set()

    async def send(
        self,
        topic: Topic,
        key: str,
        fact: object | None,
        signing_key: SigningKey | None = None,
        source: bytes = SOURCE,
    ) -> Sent:
        """Send one fact, or None for a null value; return when it is written, or raise ClientError."""
        value = _checked(topic, key, fact)
        headers = event_headers(topic, source=source)
        if signing_key is not None:
            headers += signing_key.sign(topic.name, key.encode(), headers, value or b"")
        return await self.send_as_it_is(topic, key, value, headers)

    async def send_as_it_is(self, topic: Topic, key: str, value: bytes | None, headers: Headers) -> Sent:
        """Send a record that has been checked; return when it is written, or raise ClientError."""
        try:
            async with asyncio.timeout(SEND_SECONDS_MAX):
                await self._check_topic(topic)
                sent = await self._producer.send_and_wait(topic.name, value, key=key.encode(), headers=list(headers))
        except MessageSizeTooLargeError:
            raise UnsendableError(f"The record of {len(value or b'')} bytes is larger than Kafka takes.") from None
        except (KafkaError, TimeoutError) as error:
            raise ClientError(f"Kafka at {self._kafka} did not take the record: {type(error).__name__}.") from error
        return Sent(topic, key, sent.partition, sent.offset)

    async def _check_topic(self, topic: Topic) -> None:
        """Ask for all topics, since asking for a missing one by its name waits until the time is over."""
        if topic.name not in self._known:
            self._known = (await self._producer.client.fetch_all_metadata()).topics()
        if topic.name not in self._known:
            raise missing_topic(self._kafka, topic.name)


@asynccontextmanager
async def sending(kafka: Address) -> AsyncIterator[Sender]:
    """Give a sender that is connected, or raise ClientError."""
    producer = AIOKafkaProducer(
        **kafka_at(kafka).options,
        acks="all",
        enable_idempotence=True,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        retry_backoff_ms=RETRY_BACKOFF_MS,
    )
    try:
        try:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                await producer.start()
        except (KafkaError, OSError, TimeoutError, ValueError) as error:
            raise unreachable(kafka) from error
        yield Sender(producer, kafka)
    finally:
        await producer.stop()


def unreachable(kafka: Address) -> ClientError:
    """Return the error for a Kafka that does not answer."""
    return ClientError(kafka_at(kafka).silence)


def missing_topic(kafka: Address, *topics: str) -> ClientError:
    """Return the error for a topic, or one of several, not there or, which Kafka tells alike, hidden."""
    what = f"topic {topics[0]}" if len(topics) == 1 else f"complete set of the topics {', '.join(topics)}"
    cure = "be allowed to see it, or create what is missing with `staydown topics create`"
    return ClientError(f"Kafka at {kafka} has no {what}: {cure}.")


def _checked(topic: Topic, key: str, fact: object | None) -> bytes | None:
    """Return the bytes of a fact; what a service could not read is refused before it is sent."""
    if not key:
        raise UnsendableError(f"This cannot be sent: the {topic.key} is empty.")
    try:
        value = None if fact is None else encode(fact)
        decode_record(topic, key.encode(), value)
    except MalformedError as error:
        raise UnsendableError(f"This cannot be sent: {error.why.rstrip('.')}.") from None
    except UnicodeEncodeError:
        raise UnsendableError("This cannot be sent: it holds text that is not UTF-8.") from None
    return value
