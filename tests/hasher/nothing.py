"""The state of a processor that keeps none."""

from collections.abc import Collection
from typing import Any

from services.contracts.processor import HEAD


class Nothing:
    """A view without entries."""

    def get(self, _name: str = HEAD) -> Any:
        """Return None."""
        return None

    def after(self, _name: str, _limit: int) -> tuple[tuple[str, Any], ...]:
        """Return no entries."""
        return ()

    def at(self, _key: str) -> "Nothing":
        """Return as much of any other key."""
        return self

    def find(self, _term: int, _after: str, _limit: int) -> tuple[str, ...]:
        """Find nothing."""
        return ()

    def having(self, _terms: Collection[int]) -> frozenset[int]:
        """Return none."""
        return frozenset()


NOTHING = Nothing()
