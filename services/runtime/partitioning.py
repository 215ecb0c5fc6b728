"""Which partition a key belongs to: what the Java client chooses, murmur2 of the key's bytes.

aiokafka has the same function, byte by byte: 9 µs for a digest, a tenth of what an upload costs the enforcer. This one
takes words: 4 µs. A test holds the two together.
"""

from functools import cache, lru_cache
from struct import Struct

SEED = 0x9747_B28C
_M = 0x5BD1_E995
_WORD = 0xFFFF_FFFF
_POSITIVE = 0x7FFF_FFFF


@lru_cache(maxsize=8192)  # an uploader's strike and notice have one key, a rightsholder's takedowns too
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition that the Java client chooses for a key."""
    return (murmur2(key) & _POSITIVE) % partitions


def murmur2(data: bytes) -> int:
    """Return MurmurHash2 (Appleby 2008) of 32 bits, unsigned, with the seed that Kafka's clients use."""
    size = len(data)
    found = SEED ^ size
    for word in _words(size // 4).unpack_from(data):
        mixed = word * _M & _WORD
        found = (found * _M ^ (mixed ^ mixed >> 24) * _M) & _WORD
    if rest := data[size & ~3 :]:
        found = (found ^ int.from_bytes(rest, "little")) * _M & _WORD
    found = (found ^ found >> 13) * _M & _WORD
    return found ^ found >> 15


@cache
def _words(count: int) -> Struct:
    return Struct(f"<{count}I")
