"""Territories as sets: ISO 3166-1 alpha-2 codes, where naming none means everywhere.

What is everywhere but somewhere has to be written out, so the codes of all countries are known; a code that is not
among them may be named all the same, and then counts as one more place.
"""

from collections.abc import Iterable

import pycountry

COUNTRIES: frozenset[str] = frozenset(country.alpha_2 for country in pycountry.countries)
"""Every code of ISO 3166-1."""


class Places:
    """A world: all countries, and whatever codes are named in it. Sets of places are made, met and told in it."""

    def __init__(self, *named: Iterable[str]) -> None:
        """Take every list of codes that will be spoken of."""
        self.all = COUNTRIES.union(*named)

    def of(self, territories: Iterable[str]) -> frozenset[str]:
        """Return the places that a list names: all if it is empty."""
        return frozenset(territories) or self.all

    def told(self, places: frozenset[str]) -> tuple[str, ...]:
        """Return the list that names these places, in order: the empty one for all. There must be some."""
        assert places, "no place at all cannot be told from everywhere"  # noqa: S101  # an invariant
        return () if places == self.all else tuple(sorted(places))
