"""The databases that tests of the archive run on."""

from tests.database_fixtures import database

__all__ = ["database"]
