"""The places of an example: every field and list item, with its path and type, and the example changed there."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import MISSING, dataclass, fields
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from services.contracts.types import is_message

Key = str | int


@dataclass(frozen=True, slots=True)
class Site:
    """A place in an example. `kind`: its type without checks; `required`: a field that has no default."""

    keys: tuple[Key, ...]
    kind: Any
    required: bool

    @property
    def path(self) -> str:
        """The path as errors name it: `register.references[0].uri`."""
        return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys).lstrip(".")

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list, not a field."""
        return isinstance(self.keys[-1], int)


def bare(hint: Any) -> Any:
    """Return a type without its checks and without None."""
    if get_origin(hint) is Annotated:
        return bare(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return bare(next(part for part in get_args(hint) if part is not NoneType))
    return hint


def item(hint: Any) -> Any:
    """Return the type of one value of a field: of a list's items, or of the field itself."""
    kind = bare(hint)
    return bare(get_args(kind)[0]) if get_origin(kind) is tuple else kind


def defaults(kind: Any) -> dict[str, Any]:
    """Return the default of each field of a message, MISSING where there is none."""
    if issubclass(kind, msgspec.Struct):
        return {each.name: MISSING if each.required else each.default for each in msgspec.structs.fields(kind)}
    return {each.name: each.default for each in fields(kind)}


def sites(kind: Any, value: Any, keys: tuple[Key, ...] = ()) -> Iterator[Site]:
    """Yield every place of `value`, which holds a fact of `kind`, from the top down."""
    hints = get_type_hints(kind)
    for name, default in defaults(kind).items():
        if name in value:
            yield from _below(bare(hints[name]), value[name], (*keys, name), required=default is MISSING)


def _below(kind: Any, value: Any, keys: tuple[Key, ...], *, required: bool) -> Iterator[Site]:
    yield Site(keys, kind, required)
    if is_message(kind):
        yield from sites(kind, value, keys)
    elif get_origin(kind) is tuple:
        for index, below in enumerate(value):
            yield from _below(item(kind), below, (*keys, index), required=True)


def replaced(value: Any, keys: tuple[Key, ...], new: Any) -> Any:
    """Return `value` with something else at a place."""
    changed = deepcopy(value)
    _holder(changed, keys)[keys[-1]] = new
    return changed


def without(value: Any, keys: tuple[Key, ...]) -> Any:
    """Return `value` without a place."""
    changed = deepcopy(value)
    del _holder(changed, keys)[keys[-1]]
    return changed


def _holder(value: Any, keys: tuple[Key, ...]) -> Any:
    for key in keys[:-1]:
        value = value[key]
    return value
