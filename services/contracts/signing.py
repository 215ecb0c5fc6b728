"""What is signed of a record, and how: the same for who signs and who checks.

Six lines, joined by line feeds: the scheme, the topic, the key, ce_id, ce_time and the SHA-256 of the value in hex. So
what was signed for one topic, one rightsholder and one time is worth nothing for another (CONTRACT: works.submitted).
"""

from hashlib import sha256

SCHEME = "staydown.v1"
KEY_ID = "staydown-key-id"
SIGNATURE = "staydown-signature"
CE_ID = "ce_id"
CE_TIME = "ce_time"
KEY_ID_DIGITS = 16


def signed_message(topic: str, key: bytes, ce_id: str, ce_time: str, value: bytes) -> bytes:
    """Return the bytes that a signature is over."""
    lines = (SCHEME.encode(), topic.encode(), key, ce_id.encode(), ce_time.encode(), sha256(value).hexdigest().encode())
    return b"\n".join(lines)


def key_id_of(public_key: bytes) -> str:
    """Return the name of a key: the first hex digits of the SHA-256 of its raw 32 bytes."""
    return sha256(public_key).hexdigest()[:KEY_ID_DIGITS]
