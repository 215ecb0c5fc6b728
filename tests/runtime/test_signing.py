"""Finding in a record what its sender signed."""

from hashlib import sha256

import pytest

from services.contracts.processor import Event, Signed
from services.contracts.topics import TOPICS, WORKS_SUBMITTED
from services.pipeline import PIPELINE
from services.runtime.intake import Headers, admit
from services.runtime.signing import signed_part
from tests.contracts.examples import VALUES
from tests.runtime.records import PlainRecord

VALUE = b'{"a":1}'
MESSAGE = f"staydown.v1\nt\nk\nid\n2023\n{sha256(VALUE).hexdigest()}".encode()
WHOLE: Headers = [
    ("ce_id", b"id"),
    ("ce_time", b"2023"),
    ("staydown-key-id", b"0123"),
    ("staydown-signature", b"c2ln"),
]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (WHOLE, Signed("0123", "c2ln", "2023", MESSAGE)),
        ([(name.upper(), value) for name, value in WHOLE], Signed("0123", "c2ln", "2023", MESSAGE)),
        ([("ce_time", b"1999"), *WHOLE], Signed("0123", "c2ln", "2023", MESSAGE)),
        (WHOLE[:3], Signed("0123", "", "2023", MESSAGE)),
        ([*WHOLE[:2], WHOLE[3]], Signed("", "c2ln", "2023", MESSAGE)),
        ([*WHOLE[:3], ("staydown-signature", None)], Signed("0123", "", "2023", MESSAGE)),
        ([*WHOLE[:3], ("staydown-signature", b"\xff")], Signed("0123", "\ufffd", "2023", MESSAGE)),
        (WHOLE[:2], None),
        ([], None),
    ],
)
def test_what_is_signed_is_found_in_the_headers_and_the_value(headers: Headers, expected: Signed | None) -> None:
    """Whoever names a key or a signature has signed, well or not; of equal names the last counts."""
    assert signed_part("t", b"k", VALUE, headers) == expected


@pytest.mark.parametrize("missing", ["ce_id", "ce_time"])
def test_what_is_missing_is_an_empty_line(missing: str) -> None:
    """The message is always of six lines, so that nothing can be moved from one into another."""
    signed = signed_part("t", b"k", VALUE, [header for header in WHOLE if header[0] != missing])
    assert signed is not None
    assert len(signed.message.split(b"\n")) == 6


def test_a_record_without_key_or_value_has_an_empty_one() -> None:
    """Not another message of fewer lines."""
    signed = signed_part("t", None, None, WHOLE)
    assert signed is not None
    assert signed.message.split(b"\n")[2] == b""
    assert signed.message.endswith(sha256(b"").hexdigest().encode())


def test_only_topics_whose_senders_may_sign_are_looked_at() -> None:
    """An event of another topic has no signature, whatever its headers say."""
    (registry,) = (processor for processor in PIPELINE if processor.name == "registry")
    assert [topic for topic in TOPICS if topic.signed] == [WORKS_SUBMITTED]
    for topic in registry.reads:
        example = next(one for one in VALUES if one.topic is topic)
        event = admit(registry, topic, PlainRecord(example.key, example.value, tuple(WHOLE)), 0)
        assert isinstance(event, Event)
        assert (event.signed is not None) is topic.signed
