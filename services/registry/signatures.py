"""Signatures of submissions: whether a record was signed with the key that its rightsholder is enrolled with, and when.

The topic and the record's key are among what is signed, so what was signed for another is worth nothing here. A
record sent once more within the window is a repeated submission; after it, it is refused for its age.
"""

from base64 import b64decode
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import ValidationError, convert

from services.contracts.decided import Problem
from services.contracts.processor import Event, Signed
from services.contracts.signing import CE_TIME, KEY_ID, SIGNATURE, key_id_of
from services.contracts.types import Timestamp, milliseconds
from services.registry.problems import Reason, problem

HOUR_MS = 3600 * 1000
AHEAD_MS_MAX = 10 * 60 * 1000
"""How far a sender's clock may be ahead of ours."""


def check_signature(public_key: str, event: Event) -> Problem | None:
    """Return what is wrong with the signature on a submission by whom is enrolled with this key (base64)."""
    key, signed = b64decode(public_key), event.signed
    if signed is None:
        return _bad(SIGNATURE, "Sign the record with the key that you are enrolled with.")
    if signed.key_id != key_id_of(key):
        return _bad(KEY_ID, "Sign with the key that you are enrolled with now, and name it.")
    if not _fits(key, signed):
        return _bad(SIGNATURE, "Sign the topic, key, ce_id, ce_time and value of the very record that you send.")
    at = _time(signed.signed_at)
    hours = event.rules.replay_hours
    if at is None or not -AHEAD_MS_MAX <= event.now - milliseconds(at) <= hours * HOUR_MS:
        cure = f"Sign it anew, with the present time in {CE_TIME}: it counts for {hours} hours."
        return problem(Reason.REPLAYED, CE_TIME, cure)
    return None


def _fits(key: bytes, signed: Signed) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(b64decode(signed.signature, validate=True), signed.message)
    except (InvalidSignature, ValueError):  # the latter: no base64, or no key
        return False
    return True


def _time(text: str) -> datetime | None:
    try:
        time: datetime = convert(text, Timestamp)
    except ValidationError:
        return None
    return time


def _bad(field: str, cure: str) -> Problem:
    return problem(Reason.BAD_SIGNATURE, field, cure)
