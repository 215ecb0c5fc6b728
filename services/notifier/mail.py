"""One try to deliver by mail, or of one letter that gathers many deliveries.

Promises: it ends within a minute, whatever the server does; what the server refuses for good, or no letter can be made
of, is given up at once, and everything else, our own password too, is tried again; no password is sent in the clear.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parseaddr

import aiosmtplib

from services.notifier.letters import compose
from services.notifier.receivers import Directory, Receiver, Security
from services.notifier.schedule import Delivered, Failed, Outcome
from services.notifier.store import Claimed
from services.notifier.words import one_line

# RFC 5321 allows minutes for each step; nobody who has a queue of their own needs them.
TRY_SECONDS_MAX = 60.0
STEP_SECONDS_MAX = 20.0
LEAVE_SECONDS_MAX = 1.0
DETAIL_CHARACTERS_MAX = 200
REFUSED_FOR_GOOD = 500


class MailSender:
    """Delivers to one receiver's mailbox."""

    def __init__(self, receiver: Receiver, directory: Directory, try_seconds_max: float = TRY_SECONDS_MAX) -> None:
        assert directory.server is not None, "checked when it was read"  # noqa: S101  # an invariant
        self._to = receiver.address
        self._server = directory.server
        self._password = directory.password
        self._seconds_max = try_seconds_max

    async def send(self, claimed: Claimed) -> Outcome:
        """Try once."""
        bodies = [row.body for row in claimed.rows]
        try:
            message = compose(claimed.id, bodies, self._server.sender, self._to, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001  # made of what strangers wrote: none of it shall stop the others
            return Failed(f"no letter can be made of it: {type(error).__name__}", for_good=True)
        client = self._client()
        try:
            async with asyncio.timeout(self._seconds_max):
                await client.connect()
                _, said = await client.send_message(message)
        except TimeoutError:
            return Failed("the mail server did not answer in time")
        except aiosmtplib.SMTPException as error:
            return _failed(error)
        except OSError as error:
            return Failed(f"broken off: {type(error).__name__}")
        else:
            await _take_leave(client)
            return Delivered(_shortened(said))
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.username or None,
            password=self._password or None,
            # Asking for our own name may take as long as a name server likes.
            local_hostname=parseaddr(self._server.sender)[1].rpartition("@")[2],
            timeout=STEP_SECONDS_MAX,
            use_tls=self._server.security is Security.TLS,
            start_tls=self._server.security is Security.STARTTLS,
        )


async def _take_leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye, as is polite; the letter is taken, whatever comes of it."""
    with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(LEAVE_SECONDS_MAX):
            await client.quit()


def _failed(error: aiosmtplib.SMTPException) -> Failed:
    """Return what a refusal means: only one of this recipient, or of this message, is for good."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        first = error.recipients[0]
        return Failed(_shortened(f"{first.code} {first.message}"), for_good=first.code >= REFUSED_FOR_GOOD)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        of_the_message = isinstance(error, aiosmtplib.SMTPDataError | aiosmtplib.SMTPRecipientRefused)
        said = _shortened(f"{error.code} {error.message}")
        return Failed(said, for_good=of_the_message and error.code >= REFUSED_FOR_GOOD)
    return Failed(_shortened(f"{type(error).__name__}: {error.message}"))


def _shortened(text: str) -> str:
    return one_line(text)[:DETAIL_CHARACTERS_MAX]
