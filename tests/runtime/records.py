"""A Kafka record for tests, as far as services look at one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlainRecord:
    """What a client would give."""

    key: bytes | None = b"u-1"
    value: bytes | None = b'{"upload_id":"u-1","uploader_id":"a","uri":"file:///a"}'
    headers: tuple[tuple[str, bytes | None], ...] = ()
    partition: int = 3
    offset: int = 42
    timestamp: int = 0
