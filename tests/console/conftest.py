"""The databases that central pages are tested on."""

from tests.database_fixtures import database

__all__ = ["database"]
