"""Records that are not what their topic holds, and the one kind that is answered all the same."""

from typing import Any

import orjson
import xxhash

from services.contracts.submitted import WorkUnreadable
from services.contracts.types import ID_CHARACTERS_MAX


class MalformedError(Exception):
    """A record that is not what its topic holds. `field` is the path of what is wrong, if there is one."""

    def __init__(self, why: str, field: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.field = field


def refuse(_value: bytes, error: MalformedError) -> object:
    """Make nothing of a malformed value: it goes to the dead letters."""
    raise error


def salvage_work(value: bytes, error: MalformedError) -> WorkUnreadable:
    """Return what can be answered of a malformed works submission: its ids must be readable."""
    try:
        raw: Any = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise error from None
    if not isinstance(raw, dict) or not all(_is_id(raw.get(name)) for name in ("rightsholder_id", "submission_id")):
        raise error
    work_id: Any = raw.get("work_id")
    return WorkUnreadable(
        rightsholder_id=raw["rightsholder_id"],
        submission_id=raw["submission_id"],
        work_id=work_id if _is_id(work_id) else "",
        field=error.field,
        problem=error.why,
        digest=xxhash.xxh3_128_hexdigest(value),
    )


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= ID_CHARACTERS_MAX
