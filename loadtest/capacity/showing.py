"""Numbers for people: three digits that count, and units. What is computed with is never rounded."""

_BYTES = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_STEP = 1000
_WHOLE = 100


def amount(value: float) -> str:
    """Return a number to three digits; the whole of it from 100 on, with commas."""
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.3g}"


def size(value: float) -> str:
    """Return bytes in the decimal unit that suits them."""
    for unit in _BYTES[:-1]:
        if abs(value) < _STEP:
            return f"{amount(value)} {unit}"
        value /= _STEP
    return f"{amount(value)} {_BYTES[-1]}"


def cost(microseconds: float) -> str:
    """Return a time of CPU in the unit that suits it."""
    for unit in ("µs", "ms"):
        if abs(microseconds) < _STEP:
            return f"{amount(microseconds)} {unit}"
        microseconds /= _STEP
    return f"{amount(microseconds)} s"
