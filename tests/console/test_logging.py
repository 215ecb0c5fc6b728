"""What the console logs of a page that failed."""

import asyncio
import io
import json
import logging
from pathlib import Path

import structlog

from services.runtime.logs import configure_logs
from tests.console.site import WRITTEN, a_console


def test_a_page_that_fails_is_logged_without_what_anybody_wrote(tmp_path: Path) -> None:
    """Where and by what kind of error, but neither its words nor what was in hand; and our server hears nothing."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    out = io.StringIO()

    async def scenario() -> None:
        async with a_console(tmp_path) as console:
            assert (await console.get("/broken")).status_code == 500

    configure_logs("console", out)
    try:
        asyncio.run(scenario())
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
    (line,) = [json.loads(each) for each in out.getvalue().splitlines()]
    assert line["event"] == "page_failed"
    (error,) = line["exception"]
    assert (error["exc_type"], error["exc_value"]) == ("PageError", "RuntimeError")
    assert error["frames"][-1]["name"] == "_broken"
    assert WRITTEN.split(",")[0] not in out.getvalue()
