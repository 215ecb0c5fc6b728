"""A real mail server that refuses, stalls and drops as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PEM = Path(__file__).parents[1] / "runtime" / "remote" / "localhost.pem"
TAKEN = "250 taken"
DEADLINE_SECONDS = 20.0


@dataclass
class Post:
    """One that runs. `to`, `data`: what the next recipients and messages are answered, in turn; then all is taken."""

    port: int = 0
    to: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    tries: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until_messages(self, count: int) -> None:
        """Wait until so many messages were taken."""
        async with asyncio.timeout(DEADLINE_SECONDS), self.changed:
            await self.changed.wait_for(lambda: len(self.messages) >= count)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to a recipient."""
        answer = self.to.pop(0) if self.to else TAKEN
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # the same
        """Answer to a message; take it unless it is refused."""
        self.tries += 1
        answer = self.data.pop(0) if self.data else TAKEN
        if answer == "drop":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        if answer == "stall":
            await asyncio.Event().wait()
        if answer == TAKEN:
            content = envelope.content or b""
            assert isinstance(content, bytes)
            self.messages.append(message_from_bytes(content, EmailMessage, policy=default))
            self.envelopes.append(envelope)
            async with self.changed:
                self.changed.notify_all()
        return answer

    def login(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        """Let in whoever knows the password."""
        assert isinstance(given, LoginPassword)
        self.logins.append(given.login.decode())
        return AuthResult(success=given.password == b"hush", handled=False)


@asynccontextmanager
async def running_post(*, tls: bool = False, wrapped: ssl.SSLContext | None = None) -> AsyncIterator[Post]:
    """Run a server while the context lasts; with `tls` it wants STARTTLS and a password first.

    `wrapped`: it speaks TLS from the first byte.
    """
    post = Post()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    wanted: dict[str, Any] = (
        {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": post.login}
        if tls
        else {}
    )
    protocols: list[SMTP] = []

    def connected() -> SMTP:
        protocols.append(SMTP(post, hostname="localhost", loop=asyncio.get_running_loop(), **wanted))
        return protocols[-1]

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0, ssl=wrapped)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        server.close()
        for each in protocols:
            if isinstance(each.transport, asyncio.WriteTransport):
                each.transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0)
