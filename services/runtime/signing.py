"""Finding in a record what its sender signed. Whether the signature fits is decided by who knows the key."""

from collections.abc import Sequence

from services.contracts.processor import Signed
from services.contracts.signing import CE_ID, CE_TIME, KEY_ID, SIGNATURE, signed_message

Headers = Sequence[tuple[str, bytes | None]]


def signed_part(topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Signed | None:
    """Return the signature that a record carries, or None if it carries none. Of equal names the last counts."""
    said = {name.lower(): (text or b"").decode(errors="replace") for name, text in headers}
    if KEY_ID not in said and SIGNATURE not in said:
        return None
    signed_at = said.get(CE_TIME, "")
    message = signed_message(topic, key or b"", said.get(CE_ID, ""), signed_at, value or b"")
    return Signed(said.get(KEY_ID, ""), said.get(SIGNATURE, ""), signed_at, message)
