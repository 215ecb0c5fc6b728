"""One try to deliver by webhook.

Promises: it ends within 15 s, whatever the other side does; what is not 2xx is a failure, a redirect too, and is not
followed; of an answer at most 4 KiB are read; the address that is connected to is public, or this very machine's where
the settings say so.
"""

import asyncio
import ipaddress
import time
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus

import aiohttp
from yarl import URL

from services.notifier.receivers import Receiver
from services.notifier.schedule import Delivered, Failed, Outcome, retry_after_ms
from services.notifier.signing import signed
from services.notifier.words import one_line
from services.runtime.remote.addresses import PrivateAddressError, is_public
from services.runtime.remote.connecting import checked_connector
from services.runtime.spans import TRACEPARENT

# Standard Webhooks: 15 to 30 s for an answer.
TRY_SECONDS_MAX = 15.0
CONNECT_SECONDS_MAX = 5.0
READ_SECONDS_MAX = 10.0
ANSWER_BYTES_MAX = 4 * 1024
ANSWER_SECONDS_MAX = 1.0
# What is kept of an answer, for whoever looks why it failed.
DETAIL_CHARACTERS_MAX = 200


class WebhookSender:
    """Delivers to one receiver. To be made and closed on the event loop that uses it."""

    def __init__(
        self,
        receiver: Receiver,
        try_seconds_max: float = TRY_SECONDS_MAX,
        answer_seconds_max: float = ANSWER_SECONDS_MAX,
    ) -> None:
        self._try_seconds_max, self._answer_seconds_max = try_seconds_max, answer_seconds_max
        webhook = receiver.written.webhook
        assert webhook is not None, "only for receivers by webhook"  # noqa: S101  # an invariant
        self._url = URL(webhook.url, encoded=True)
        self._secrets = receiver.secrets
        self._session = aiohttp.ClientSession(
            connector=checked_connector(_public_or_here if webhook.loopback else is_public),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=try_seconds_max, sock_connect=CONNECT_SECONDS_MAX, sock_read=READ_SECONDS_MAX
            ),
            headers={"Accept-Encoding": "identity", "User-Agent": "staydown"},
            auto_decompress=False,
            trust_env=False,
            read_bufsize=ANSWER_BYTES_MAX,
        )

    async def send(self, delivery_id: str, body: str, traceparent: bytes | None = None) -> Outcome:
        """Try once. Whatever goes wrong is the other side's trouble, and so a failure and no error."""
        headers = signed(delivery_id, body, self._secrets, datetime.now(UTC))
        if traceparent is not None:
            headers = {**headers, TRACEPARENT: traceparent.decode()}
        try:
            async with asyncio.timeout(self._try_seconds_max):
                request = self._session.post(self._url, data=body.encode(), headers=headers, allow_redirects=False)
                async with request as response:
                    return await _outcome(response, self._answer_seconds_max)
        except TimeoutError:
            return Failed(f"no answer within {self._try_seconds_max:g} s")
        except aiohttp.InvalidURL:
            return Failed("the URL's host is none")
        except aiohttp.ClientConnectorCertificateError:
            return Failed("the certificate is not trusted")
        except aiohttp.ClientConnectorError as error:
            why = "the address is not public" if isinstance(error.os_error, PrivateAddressError) else "cannot connect"
            return Failed(why)
        except Exception as error:  # noqa: BLE001  # it reads what strangers write: none of them shall end the process
            return Failed(f"broken off: {type(error).__name__}")

    async def close(self) -> None:
        """Close what is open."""
        await self._session.close()


async def _outcome(response: aiohttp.ClientResponse, seconds_max: float) -> Outcome:
    """Return what an answer means. Of a good one the head is enough."""
    status = response.status
    try:
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Delivered(f"{status}")
        said = await _beginning(response, seconds_max)
    finally:
        response.close()
    now = int(time.time() * 1000)
    return Failed(
        f"{status} {one_line(said.decode(errors='replace'))[:DETAIL_CHARACTERS_MAX]}".strip(),
        retry_after_ms=retry_after_ms(response.headers.get("Retry-After", ""), now),
        is_gone=status == HTTPStatus.GONE,
    )


async def _beginning(response: aiohttp.ClientResponse, seconds_max: float) -> bytes:
    """Return as much of an answer as is kept, or what has come of it in a while."""
    said = b""
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(seconds_max):
            while len(said) < ANSWER_BYTES_MAX and (more := await response.content.read(ANSWER_BYTES_MAX - len(said))):
                said += more
    return said


def _public_or_here(text: str) -> bool:
    return is_public(text) or ipaddress.ip_address(text).is_loopback
