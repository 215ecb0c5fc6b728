"""Facts of any kind, made by hypothesis from the types of their fields and the oneofs of their message."""

from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from msgspec import Meta

from services.contracts.types import fields_of, is_message
from tests.contracts import schema

CHARACTERS_MAX = 12
ITEMS_MAX = 3
_CHARACTERS = st.characters(exclude_categories=["Cs"])
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    float: st.floats(0, 1),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


@cache
def facts(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for facts of `kind`: of each oneof exactly one field is there."""
    hints = get_type_hints(kind, include_extras=True)
    oneofs = [[field.name for field in oneof.fields] for oneof in schema.descriptor(kind).oneofs]
    chosen = {name for oneof in oneofs for name in oneof}
    always = st.fixed_dictionaries({name: _values(hints[name]) for name in fields_of(kind) if name not in chosen})
    one_each = [st.one_of([_alone(name, hints[name]) for name in oneof]) for oneof in oneofs]
    return st.tuples(always, *one_each).map(lambda parts: kind(**{k: v for part in parts for k, v in part.items()}))


def _alone(name: str, hint: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: _values(next(part for part in get_args(hint) if part is not NoneType))})


def _values(hint: Any) -> st.SearchStrategy[Any]:
    parts = get_args(hint)
    if get_origin(hint) is Annotated:
        return _checked(parts[0], [check for check in parts[1:] if isinstance(check, Meta)])
    if get_origin(hint) is tuple:
        return st.lists(_values(parts[0]), max_size=ITEMS_MAX).map(tuple)
    if NoneType in parts:
        return st.none() | _values(next(part for part in parts if part is not NoneType))
    if is_message(hint):
        return facts(hint)
    if issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    return _PLAIN[hint] if hint in _PLAIN else _checked(hint, [])


def _checked(kind: Any, checks: list[Meta]) -> st.SearchStrategy[Any]:
    """Return what passes the checks: a pattern, or bounds of a length or of a number."""
    bound = {name: getattr(c, name) for c in checks for name in ("ge", "le", "min_length", "pattern")}
    if kind is int:
        low, high = bound.get("ge"), bound.get("le")
        return st.integers(-(2**63) if low is None else low, 2**63 - 1 if high is None else high)
    if kind is not str:
        return _values(kind)
    if bound.get("pattern"):
        return st.from_regex(bound["pattern"], fullmatch=True, alphabet=st.characters(codec="ascii"))
    return st.text(_CHARACTERS, min_size=bound.get("min_length") or 0, max_size=CHARACTERS_MAX)
