"""Addresses of pages: ids may hold anything, a slash too, and stand in them as one part each."""

from urllib.parse import quote


def path_to(*parts: str) -> str:
    """Return a path whose parts may be anything."""
    return "/" + "/".join(quote(part, safe="") for part in parts)
