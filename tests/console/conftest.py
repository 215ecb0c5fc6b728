"""The databases that central pages are tested on, and the browser."""

from tests.console.browsing import browser
from tests.database_fixtures import database

__all__ = ["browser", "database"]
