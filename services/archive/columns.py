"""The kinds of column that the record has, the same on SQLite and PostgreSQL.

Times are milliseconds since the epoch, since a number is the same on both. Text sorts by its bytes on both. PostgreSQL
takes no NUL, which an id or a title may hold, so its picture stands in its place, when rows are asked for too.
An index row of PostgreSQL has 2,704 bytes and an id up to 1,024, so no index has more than two ids that others gave.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Dialect, Text, TypeDecorator

NUL = "\0"
PICTURE_OF_NUL = "\u2400"


def stored(value: Any) -> Any:
    """Return a value as the database gives it back."""
    return value.replace(NUL, PICTURE_OF_NUL) if isinstance(value, str) and NUL in value else value


class Words(TypeDecorator[str]):
    """Text of any characters."""

    impl = Text().with_variant(Text(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # SQLAlchemy's
        """Return the text without NUL."""
        return None if value is None else stored(value)


def words(name: str, *, key: bool = False) -> "Column[Any]":
    """Return a column of text that is there, though it may be empty."""
    return Column(name, Words, primary_key=key, nullable=False)


def number(name: str, *, key: bool = False) -> "Column[Any]":
    """Return a column of a whole number that is there."""
    return Column(name, BigInteger, primary_key=key, nullable=False, autoincrement=False)


def truth(name: str) -> "Column[Any]":
    """Return a column of yes or no."""
    return Column(name, Boolean, nullable=False)


def maybe_words(name: str) -> "Column[Any]":
    """Return a column of text that may be absent."""
    return Column(name, Words, nullable=True)


def maybe_number(name: str) -> "Column[Any]":
    """Return a column of a whole number that may be absent."""
    return Column(name, BigInteger, nullable=True)
