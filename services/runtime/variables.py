"""Variables of the environment: what each is called, what it means, and how it is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

# The domain in which the overlays and their page name what a platform has to say, and which nobody can have (RFC 2606):
# who left it has not said their own yet, and is told before anything is begun.
_PLACEHOLDER = re.compile(r"(?<![\w-])your-platform\.example(?!\.?[\w-])", re.IGNORECASE)


class SettingsError(Exception):
    """A variable in the environment has a value that means nothing. The message is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the environment: its default as one would write it, what it means, how it is read."""

    name: str
    default: str
    says: str
    parse: Callable[[str], Any]

    def read(self, text: str) -> Any:
        """Return what a text means, or raise `SettingsError`."""
        try:
            return self.parse(own(self.name, text))
        except ValueError as error:
            raise SettingsError(f"{self.name} must be {error}, and is {text!r}.") from None


def own(name: str, text: str) -> str:
    """Return the text of a variable; SettingsError if a host or bucket in it is still the overlays'."""
    if _PLACEHOLDER.search(text):
        raise SettingsError(f"{name} must be your own, and is a placeholder, {text!r}.")
    return text


def secret_in(path: str) -> str:
    """Return what a file holds: a secret does not belong into an environment, which other processes inherit."""
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        secret = ""
    if not secret:
        raise ValueError("a file that can be read and is not empty")
    return secret


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number within bounds."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:20]) <= most):
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def read_given(of: Any, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what the environment says of the fields of a dataclass, each of which names its variable.

    An empty variable is an absent one; SettingsError if one means nothing.
    """
    given: dict[str, Any] = {}
    for each in fields(of):
        variable: Variable = each.metadata["variable"]
        if text := environment.get(variable.name, ""):
            given[each.name] = variable.read(text)
    return given
