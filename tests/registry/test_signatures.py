"""Signatures: what counts as said by a rightsholder who is enrolled with a key."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.processor import Event, Signed
from services.contracts.rules import Rules
from services.contracts.signing import SCHEME, key_id_of, signed_message
from services.contracts.submitted import WorkSubmitted, WorkUnreadable
from services.contracts.topics import RIGHTSHOLDERS_SUBMITTED, WORKS_SUBMITTED
from services.contracts.types import timestamp
from services.registry import PROCESSOR
from services.registry.signatures import AHEAD_MS_MAX, HOUR_MS
from tests.deciding import NOW, Deciding, Said
from tests.registry.facts import (
    LABEL,
    Reason,
    by_digest,
    enrolment,
    listings,
    on,
    refusals,
    registers,
    releases,
    work,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NEXT = Ed25519PrivateKey.from_private_bytes(bytes(32))
WINDOW_MS = Rules().replay_hours * HOUR_MS
REGISTERS = registers("s1", by_digest("a"))
BAD = ("s1", Reason.BAD_SIGNATURE, "staydown-signature")
BAD_KEY = ("s1", Reason.BAD_SIGNATURE, "staydown-key-id")
REPLAYED = ("s1", Reason.REPLAYED, "ce_time")


def public(key: Ed25519PrivateKey) -> bytes:
    """Return the raw public key."""
    return key.public_key().public_bytes_raw()


def text(key: Ed25519PrivateKey) -> str:
    """Return a public key as an enrolment says it."""
    return b64encode(public(key)).decode()


def signed(
    fact: WorkSubmitted,
    key: Ed25519PrivateKey = KEY,
    at: int | str = NOW,
    *,
    topic: str = WORKS_SUBMITTED.name,
    record_key: str = LABEL,
) -> Signed:
    """Return what a sender signs with a key, at a time."""
    ce_time = at if isinstance(at, str) else timestamp(at).isoformat()
    message = signed_message(topic, record_key.encode(), "ce-1", ce_time, encode(fact))
    return Signed(key_id_of(public(key)), b64encode(key.sign(message)).decode(), ce_time, message)


def sent(deciding: Deciding, fact: WorkSubmitted | WorkUnreadable, signature: Signed | None) -> Said:
    """Decide a submission that came with a signature."""
    event: Event = deciding.event(LABEL, fact)
    return deciding.decide(replace(event, signed=signature))


def enrolled(key: Ed25519PrivateKey = KEY) -> Deciding:
    """Return a registry that has enrolled a label with a key."""
    deciding = Deciding(PROCESSOR)
    on(deciding, enrolment(public_key=text(key)))
    return deciding


def received(signature: Signed, **as_other: str) -> Signed:
    """Return a signature as it would be read off a record that says something else."""
    said = {
        "topic": WORKS_SUBMITTED.name,
        "key": LABEL,
        "ce_id": "ce-1",
        "value": encode(REGISTERS).decode(),
    } | as_other
    ce_time = as_other.get("ce_time", signature.signed_at)
    message = signed_message(said["topic"], said["key"].encode(), said["ce_id"], ce_time, said["value"].encode())
    return replace(signature, message=message, signed_at=ce_time)


RIGHT = signed(REGISTERS)


def test_a_signature_that_fits_is_taken() -> None:
    """Ed25519 over the scheme, topic, key, ce_id, ce_time and the value's hash."""
    assert received(RIGHT) == RIGHT
    assert RIGHT.message.startswith(f"{SCHEME}\n{WORKS_SUBMITTED.name}\n{LABEL}\nce-1\n".encode())
    assert listings(sent(enrolled(), REGISTERS, RIGHT)) == [("+", "a", 1)]


@pytest.mark.parametrize(
    ("signature", "refusal"),
    [
        (None, BAD),
        (signed(REGISTERS, NEXT), BAD_KEY),
        (replace(RIGHT, key_id=""), BAD_KEY),
        (replace(signed(REGISTERS, NEXT), key_id=RIGHT.key_id), BAD),
        (replace(RIGHT, signature=""), BAD),
        (replace(RIGHT, signature="?"), BAD),
        (replace(RIGHT, signature="é"), BAD),
        (replace(RIGHT, signature=RIGHT.signature[:-8]), BAD),
        (replace(RIGHT, signature=RIGHT.signature + "\n"), BAD),
        (received(RIGHT, value=encode(registers("s1", by_digest("b"))).decode()), BAD),
        (received(RIGHT, key="rival"), BAD),
        (received(signed(REGISTERS, topic=RIGHTSHOLDERS_SUBMITTED.name)), BAD),
        (received(signed(REGISTERS, record_key="rival")), BAD),
        (received(RIGHT, ce_id="ce-2"), BAD),
        (received(RIGHT, ce_time=timestamp(NOW + 1).isoformat()), BAD),
        (signed(REGISTERS, at=NOW - WINDOW_MS - 1), REPLAYED),
        (signed(REGISTERS, at=NOW + AHEAD_MS_MAX + 1), REPLAYED),
        (signed(REGISTERS, at=""), REPLAYED),
        (signed(REGISTERS, at="yesterday"), REPLAYED),
        (signed(REGISTERS, at="2023-11-14T22:13:20"), REPLAYED),
        (signed(REGISTERS, at="0001-01-01T00:00:00+14:00"), REPLAYED),
    ],
)
def test_a_wrong_signature_never_reaches_a_work(signature: Signed | None, refusal: tuple[str, Reason, str]) -> None:
    """Missing, by another key, over other bytes, for another topic or record, or out of its time: refused at once."""
    deciding = enrolled()
    said = sent(deciding, REGISTERS, signature)
    assert refusals(said) == [refusal]
    assert listings(said) == []
    assert work(deciding) is None


@pytest.mark.parametrize("at", [NOW - WINDOW_MS, NOW + AHEAD_MS_MAX])
def test_the_window_includes_its_ends(at: int) -> None:
    """A submission may wait as long as the rules say, and a sender's clock be some minutes ahead."""
    assert listings(sent(enrolled(), REGISTERS, signed(REGISTERS, at=at))) == [("+", "a", 1)]


def test_what_anybody_could_send_uses_up_no_submission_id() -> None:
    """A forged record is answered once, however often it comes; whoever has the key submits under the same id."""
    deciding = enrolled()
    forged = signed(REGISTERS, NEXT)
    assert refusals(sent(deciding, REGISTERS, forged)) == [BAD_KEY]
    assert sent(deciding, REGISTERS, forged) == ()
    assert refusals(sent(deciding, replace(REGISTERS, work_id="other"), None)) == [BAD]
    assert listings(sent(deciding, REGISTERS, RIGHT)) == [("+", "a", 1)]
    assert sent(deciding, REGISTERS, RIGHT) == ()


def test_a_record_that_is_sent_again_is_a_repetition_or_too_old() -> None:
    """Within the window its submission_id is remembered; after it, its time is over. Nobody can make it count twice."""
    deciding = enrolled()
    sent(deciding, REGISTERS, RIGHT)
    assert sent(deciding, REGISTERS, RIGHT) == ()
    deciding.now += WINDOW_MS + 1
    assert refusals(sent(deciding, REGISTERS, RIGHT)) == [REPLAYED]


def test_a_new_key_counts_from_when_its_enrolment_is_read() -> None:
    """Rotation: the old one is worth nothing any more, and without a key nobody signs."""
    deciding = enrolled()
    on(deciding, enrolment(submission_id="e2", public_key=text(NEXT)))
    assert refusals(sent(deciding, REGISTERS, RIGHT)) == [BAD_KEY]
    assert listings(sent(deciding, REGISTERS, signed(REGISTERS, NEXT))) == [("+", "a", 1)]
    on(deciding, enrolment(submission_id="e3"))
    assert listings(sent(deciding, registers("s2", by_digest("b"), work_id="other"), None)) == [("+", "b", 2)]


def test_every_action_is_to_be_signed() -> None:
    """Also a release, and what cannot be read."""
    deciding = enrolled()
    sent(deciding, REGISTERS, RIGHT)
    assert refusals(sent(deciding, releases("s2"), None)) == [("s2", *BAD[1:])]
    unreadable = WorkUnreadable(LABEL, "s3", "hit", "register", "Expected `object`", "0" * 32)
    assert refusals(sent(deciding, unreadable, None)) == [("s3", *BAD[1:])]


def test_the_replay_window_is_a_rule() -> None:
    """It arrives with the event."""
    deciding = enrolled()
    event = replace(deciding.event(LABEL, REGISTERS), signed=RIGHT, now=NOW + 2 * HOUR_MS, rules=Rules(replay_hours=1))
    assert refusals(deciding.decide(event)) == [REPLAYED]
