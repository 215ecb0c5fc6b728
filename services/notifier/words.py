"""What others wrote, made harmless for one line."""


def one_line(text: str) -> str:
    """Return a text on one line: whatever cannot be printed, or turns the order of letters, is a space."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
