"""A record that our Kafka client cannot read, and that any client in C may write."""

import struct

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

CRC_AT = 17
CRC_FROM = 21


async def send_unreadable_header(producer: AIOKafkaProducer, topic: str) -> None:
    """Send a record whose header's name is not UTF-8, as any client in C may."""
    batch = producer.create_batch()
    batch.append(key=b"u", value=b"{}", timestamp=None, headers=[("NAME", b"")])
    bytes_sent = bytearray(batch._build())  # noqa: SLF001  # there is no other way to make a wrong one
    at = bytes_sent.index(b"NAME")
    bytes_sent[at : at + 4] = b"\xff\xfe\xff\xfe"
    struct.pack_into(">I", bytes_sent, CRC_AT, calc_crc32c(bytes_sent[CRC_FROM:]))
    batch._buffer = bytes(bytes_sent)  # noqa: SLF001  # see above
    await (await producer.send_batch(batch, topic, partition=0))
