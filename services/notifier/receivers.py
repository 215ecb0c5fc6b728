"""Who is told of what, and how: the file that STAYDOWN_RECEIVERS names, checked as a whole before anything starts.

    [mail]                                   # the server that takes mail; only for receivers by mail
    host = "smtp.example.org"
    sender = "Staydown <staydown@example.org>"
    username = "staydown"
    password_file = "smtp.password"          # relative to this file

    [[receivers]]
    id = "label"
    notices = ["RIGHTSHOLDER"]               # kinds of recipients
    ids = ["label-1", "label-2"]             # of these alone; all of the kinds without
    webhook = { url = "https://label.example/hook", secret_files = ["label.secret", "label.secret.old"] }

    [[receivers]]
    id = "managers"
    notices = ["COMMUNITY"]
    mail = { to = "managers@example.org", every = "DAY" }

    [[receivers]]
    id = "platform"
    verdicts = ["CLEAR", "BLOCKED", "HELD", "UNSCANNED"]
    webhook = { url = "http://127.0.0.1:8080/verdicts", secret_files = ["platform.secret"], loopback = true }

Promises: what means nothing is refused with one sentence that names the file and the place in it; secrets are read at
the start, from files of their own, and never logged.
"""

import base64
import binascii
import re
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from yarl import URL

from services.contracts.decided import Recipient, VerdictDecided
from services.contracts.types import ID_CHARACTERS_MAX
from services.runtime.variables import SettingsError

# Each has a lane of its own and some lines of metrics.
RECEIVERS_MAX = 200
# Standard Webhooks: secrets have 24 to 64 bytes.
SECRET_BYTES_MIN = 24
SECRET_BYTES_MAX = 64
SECRET_PREFIX = "whsec_"  # noqa: S105  # what stands before one, and none itself
SECRETS_MAX = 4
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")

Port = Annotated[int, Meta(ge=1, le=65_535)]


class Every(StrEnum):
    """How long mail is gathered for one letter."""

    HOUR = "HOUR"
    DAY = "DAY"


class Security(StrEnum):
    """How the connection to the mail server is secured."""

    STARTTLS = "STARTTLS"
    TLS = "TLS"
    NONE = "NONE"


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    """An address that takes POST requests. `loopback`: it may be on this very machine, and without TLS."""

    url: str
    secret_files: tuple[str, ...]
    loopback: bool = False


class Mailbox(Struct, frozen=True, forbid_unknown_fields=True):
    """An address that takes mail: each message at once, or what came in an hour or a day in one letter."""

    to: str
    every: Every | None = None


class MailServer(Struct, frozen=True, forbid_unknown_fields=True):
    """The server that takes our mail, and what is written as its sender."""

    host: str
    sender: str
    port: Port = 587
    security: Security = Security.STARTTLS
    username: str = ""
    password_file: str = ""


class Written(Struct, frozen=True, forbid_unknown_fields=True):
    """A receiver as it is written in the file."""

    id: str
    notices: tuple[Recipient.Kind, ...] = ()
    ids: tuple[Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS_MAX)], ...] = ()
    verdicts: tuple[VerdictDecided.Verdict, ...] = ()
    webhook: Webhook | None = None
    mail: Mailbox | None = None


class File(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    mail: MailServer | None = None
    receivers: Annotated[tuple[Written, ...], Meta(max_length=RECEIVERS_MAX)] = ()


class Receiver(Struct, frozen=True):
    """Who is told of what, with the secrets that sign it, the newest first."""

    written: Written
    secrets: tuple[bytes, ...] = ()

    @property
    def id(self) -> str:
        """The receiver's name, which its deliveries carry."""
        return self.written.id

    @property
    def address(self) -> str:
        """Where it is told."""
        return self.written.webhook.url if self.written.webhook else _mailbox(self.written).to

    @property
    def every(self) -> Every | None:
        """How long is gathered before it is told; None: it is told at once."""
        return self.written.mail.every if self.written.mail else None


class Directory(Struct, frozen=True):
    """Everybody who is told, and by which mail server."""

    receivers: tuple[Receiver, ...] = ()
    server: MailServer | None = None
    password: str = ""


def read_directory(name: str) -> Directory:
    """Return what the file says, nobody if `name` is empty; or raise SettingsError."""
    if not name:
        return Directory()
    path = Path(name)
    try:
        return _directory(msgspec.toml.decode(path.read_bytes(), type=File), path.parent)
    except OSError as error:
        raise SettingsError(f"STAYDOWN_RECEIVERS: {error.filename} cannot be read: {error.strerror}.") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise SettingsError(f"STAYDOWN_RECEIVERS: {name}: {str(error).rstrip('.')}.") from None


def _directory(file: File, folder: Path) -> Directory:
    names = [each.id for each in file.receivers]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two receivers have the id {min(doubled)!r}")
    for each in file.receivers:
        _check(each, file.mail)
    password = ""
    if file.mail is not None:
        _check_server(file.mail)
        if file.mail.password_file:
            password = (folder / file.mail.password_file).read_text().strip()
    return Directory(tuple(Receiver(each, _secrets(each, folder)) for each in file.receivers), file.mail, password)


def _check(written: Written, server: MailServer | None) -> None:
    who = f"receiver {written.id!r}"
    if not _NAME.fullmatch(written.id):
        raise ValueError(f"{who}: an id has 1 to 64 letters, digits, dots, dashes and underscores")
    if (written.webhook is None) == (written.mail is None):
        raise ValueError(f"{who}: name either a webhook or mail")
    if not written.notices and not written.verdicts:
        raise ValueError(f"{who}: name the notices or the verdicts that it is told of")
    if written.ids and not written.notices:
        raise ValueError(f"{who}: ids are those of notices' recipients, and it is told of no notices")
    if written.webhook is not None:
        _check_url(who, written.webhook)
    if written.mail is not None and server is None:
        raise ValueError(f"{who}: mail needs a server, which [mail] names")
    if written.mail is not None and not _is_address(written.mail.to):
        raise ValueError(f"{who}: {written.mail.to!r} is no mail address")


def _check_url(who: str, webhook: Webhook) -> None:
    url = URL(webhook.url)
    schemes = ("https", "http") if webhook.loopback else ("https",)
    if url.scheme not in schemes or not url.host:
        raise ValueError(f"{who}: a URL begins with https://, and is {webhook.url!r}")
    if url.user is not None or url.password is not None or url.raw_fragment:
        raise ValueError(f"{who}: a URL has neither a user nor a fragment")
    if not 1 <= len(webhook.secret_files) <= SECRETS_MAX:
        raise ValueError(f"{who}: name 1 to {SECRETS_MAX} secret_files, the newest first")


def _check_server(server: MailServer) -> None:
    if not server.host or not _is_address(parseaddr(server.sender)[1]) or not server.sender.isprintable():
        raise ValueError("mail: name a host, and a sender as in `Staydown <staydown@example.org>`")
    if bool(server.username) != bool(server.password_file):
        raise ValueError("mail: a username needs a password_file, and the other way round")
    if server.username and server.security is Security.NONE:
        raise ValueError("mail: a password is sent by STARTTLS or TLS alone")


def _is_address(text: str) -> bool:
    """Tell whether a text is one address, of the letters that every mail server takes."""
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, AttributeError):  # the parser raises what it will
        return False
    return bool(address.username and address.domain) and text.isascii() and text.isprintable() and " " not in text


def _mailbox(written: Written) -> Mailbox:
    assert written.mail is not None, "checked when it was read"  # noqa: S101  # for the type checker
    return written.mail


def _secrets(written: Written, folder: Path) -> tuple[bytes, ...]:
    names = written.webhook.secret_files if written.webhook else ()
    return tuple(_secret(folder / name) for name in names)


def _secret(path: Path) -> bytes:
    text = path.read_text().strip()
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        secret = b""
    if not text.startswith(SECRET_PREFIX) or not SECRET_BYTES_MIN <= len(secret) <= SECRET_BYTES_MAX:
        raise ValueError(
            f"{path} holds no secret: {SECRET_PREFIX} and base64 of {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes"
        )
    return secret
