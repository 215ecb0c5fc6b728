"""A key's partition is the Java client's."""

import pytest
from aiokafka.partitioner import murmur2 as client_murmur2
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.partitioning import murmur2, partition_of


@given(st.binary(max_size=80))
def test_the_hash_is_that_of_the_client(key: bytes) -> None:
    """Which is tested against Java's."""
    assert murmur2(key) == client_murmur2(key) & 0xFFFF_FFFF


@pytest.mark.parametrize(
    ("key", "partition"), [(b"21", 0x7FFF_FFFF & -973_932_308), (b"foobar", 0x7FFF_FFFF & -790_332_482)]
)
def test_known_answers(key: bytes, partition: int) -> None:
    """From the tests of Kafka's own Java client."""
    assert partition_of(key, 2**31) == partition
