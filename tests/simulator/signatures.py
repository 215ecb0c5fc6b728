"""Signed submissions: how a rightsholder signs, and how anybody may check it."""

from base64 import b64decode, b64encode
from datetime import datetime
from functools import cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.contracts.processor import Signed
from services.contracts.rules import Rules
from services.contracts.types import milliseconds, timestamp

HOUR_MS = 3600 * 1000
AHEAD_MS = 10 * 60 * 1000


@cache
def key_of(name: str) -> Ed25519PrivateKey:
    """Return the private key of that name, the same every time."""
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


@cache
def public_key_of(name: str) -> str:
    """Return the public half of a key, as an enrolment names it."""
    return b64encode(key_of(name).public_key().public_bytes_raw()).decode()


def signed(name: str, topic: str, key: str, value: bytes, time: int) -> tuple[tuple[str, bytes], ...]:
    """Return the headers of a record that is signed by the key of that name."""
    at = timestamp(time).isoformat().replace("+00:00", "Z")
    lines = ["staydown.v1", topic, key, "an-id", at, sha256(value).hexdigest()]
    signature = key_of(name).sign("\n".join(lines).encode())
    return (
        ("ce_id", b"an-id"),
        ("ce_time", at.encode()),
        ("staydown-key-id", _key_id(b64decode(public_key_of(name))).encode()),
        ("staydown-signature", b64encode(signature)),
    )


def is_signed(by: Signed | None, public_key: str) -> bool:
    """Tell whether a record bears a signature by the holder of a key."""
    if by is None or by.key_id != _key_id(b64decode(public_key)):
        return False
    return _verify(public_key, by.signature, by.message)


@cache
def _verify(public_key: str, signature: str, message: bytes) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key))
        key.verify(b64decode(signature, validate=True), message)
    except (ValueError, InvalidSignature):
        return False
    return True


def is_replayed(by: Signed | None, now: int, rules: Rules) -> bool:
    """Tell whether a signature is too old, or from the future, when it is met."""
    assert by is not None, "asked of what is signed"
    at = time_of(by)
    return at < now - rules.replay_hours * HOUR_MS or at > now + AHEAD_MS


def time_of(by: Signed) -> int:
    """Return the time at which a record says that it was signed."""
    return milliseconds(datetime.fromisoformat(by.signed_at))


def _key_id(raw: bytes) -> str:
    return sha256(raw).hexdigest()[:16]
