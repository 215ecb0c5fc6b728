"""A receiver of webhooks within the generator, and the file that has a cluster's notifier tell it of everything.

Promises: the time is taken when all of a delivery has come, and only then it is verified, by the library's own means.
"""

import base64
import os
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from loadtest.options import LOOPBACK
from services.cluster.ports import free_ports

VARIABLE = "STAYDOWN_RECEIVERS"
FILE = """
[[receivers]]
id = "load"
notices = ["UPLOADER"]
webhook = {{ url = "http://{host}:{port}/", secret_files = ["secret"], loopback = true }}
"""


@dataclass
class Hook:
    """One receiver. `at`: when the first delivery about a takedown had come, by the system's clock."""

    port: int
    secret: str
    at: dict[str, float] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    forged: int = 0

    async def take(self, request: web.Request) -> web.Response:
        """Take one delivery."""
        body = await request.read()
        at = time.time()
        try:
            said = Webhook(self.secret).verify(body, dict(request.headers))
        except WebhookVerificationError:
            self.forged += 1
            return web.Response(status=401)
        self.seen[request.headers["webhook-id"]] += 1
        self.at.setdefault(said["data"]["about"]["takedown_id"], at)
        return web.Response(status=204)


@contextmanager
def announced_hook() -> Iterator[Hook]:
    """Give a receiver that every cluster started meanwhile will tell of notices; it does not listen yet."""
    with TemporaryDirectory(prefix="staydown-load-hook-") as name:
        hook = Hook(free_ports(1)[0], f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")
        (Path(name) / "secret").write_text(hook.secret)
        path = Path(name) / "receivers.toml"
        path.write_text(FILE.format(host=LOOPBACK, port=hook.port))
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = str(path)
        try:
            yield hook
        finally:
            os.environ.pop(VARIABLE)
            if before is not None:
                os.environ[VARIABLE] = before


@asynccontextmanager
async def listening(hook: Hook) -> AsyncIterator[None]:
    """Listen while the context lasts."""
    page = web.Application()
    page.add_routes([web.post("/", hook.take)])
    runner = web.AppRunner(page, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, hook.port).start()
        yield
    finally:
        await runner.cleanup()
