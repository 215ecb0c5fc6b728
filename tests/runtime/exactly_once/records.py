"""Records as the Kafka client gives them."""

from collections.abc import Iterable

from aiokafka.structs import ConsumerRecord


def record(topic: str, offset: int, value: bytes = b"{}", key: bytes = b"k") -> ConsumerRecord[bytes, bytes]:
    """Return one record of partition 0."""
    return ConsumerRecord(topic, 0, offset, 0, 0, key, value, None, len(key), len(value), ())


def records(topic: str, offsets: Iterable[int], size: int = 2) -> list[ConsumerRecord[bytes, bytes]]:
    """Return records with these offsets and values of that size."""
    return [record(topic, offset, b"x" * size) for offset in offsets]
