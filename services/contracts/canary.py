"""The canary's ids: reserved, so that what it does is told apart from what people do.

Its uploads are judged like any other. But takedowns for its work are no strikes, and what is about it is neither in the
readable record nor delivered nor reported, since nobody's upload came down.
"""

CANARY = "staydown-canary"
"""The canary as rightsholder and as uploader; an upload of its is named `staydown-canary/…`."""


def is_canary(key: str) -> bool:
    """Tell whether a record's key is the canary itself, or an upload of the canary's."""
    return key == CANARY or key.startswith(f"{CANARY}/")
