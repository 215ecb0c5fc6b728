"""Where a list goes on, as an address says it: the archive's mark, or the ids of the last row."""

import base64
import binascii

import msgspec

from services.archive.queries.scope import Mark


def written(mark: Mark) -> str:
    """Return a mark as text that an address can hold."""
    return base64.urlsafe_b64encode(msgspec.json.encode(mark)).decode().rstrip("=")


def read(text: str) -> Mark | None:
    """Return the mark that a text says; None for none, and for what somebody has made up."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Mark) if text else None
    except (ValueError, binascii.Error, msgspec.DecodeError):
        return None


def read_of(text: str, ids: int) -> Mark | None:
    """Return the mark that a text says, if it has as many ids as the list's order has."""
    mark = read(text)
    return mark if mark and len(mark.ids) == ids else None
