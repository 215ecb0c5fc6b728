"""What is delivered, as mail: from the JSON of deliveries to a message with text and HTML. Pure.

Promises: nothing that people wrote can add a header, a recipient, an attachment or markup; the Message-ID is made of
the delivery's id, so that a repeat is recognised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.contracts.codec import decode
from services.contracts.decided import NoticeIssued, VerdictDecided
from services.notifier.matching import NOTICE, Envelope
from services.notifier.words import one_line

# As long as a subject may be without any mail program cutting it.
SUBJECT_CHARACTERS_MAX = 200

_PAGES = Environment(
    loader=PackageLoader("services.notifier"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing that is told. `until`: when an answer must have come, as a person reads it; empty if never."""

    subject: str
    text: str
    until: str
    about: tuple[tuple[str, str], ...]


def compose(message_id: str, bodies: Sequence[str], sender: str, to: str, at: datetime) -> EmailMessage:
    """Return a message that tells what stands in these bodies, in their order. `at`: its date."""
    letters = [letter_of(body) for body in bodies]
    subject = letters[0].subject if len(letters) == 1 else f"{len(letters)} notices"
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: so that no machine answers
    message.set_content(_PAGES.get_template("letter.txt.j2").render(letters=letters))
    page = _PAGES.get_template("letter.html.j2").render(letters=letters, subject=subject)
    message.add_alternative(page, subtype="html")
    return message


def letter_of(body: str) -> Letter:
    """Return what a delivery's body tells."""
    envelope = msgspec.json.decode(body, type=Envelope)
    return _notice(envelope) if envelope.type == NOTICE else _verdict(envelope)


def _notice(envelope: Envelope) -> Letter:
    said: NoticeIssued = decode(NoticeIssued, bytes(envelope.data))
    about = (
        ("For", f"{said.recipient.kind} {said.recipient.id}"),
        ("Upload", said.about.upload_id),
        ("Work", said.about.work_id),
        ("Rightsholder", said.about.rightsholder_id),
        ("Takedown", said.about.takedown_id),
        ("Dispute", said.about.dispute_id),
    )
    until = "" if said.respond_until is None else f"{said.respond_until:%Y-%m-%d %H:%M} UTC"
    return _letter(said.subject, said.text, until, about)


def _verdict(envelope: Envelope) -> Letter:
    said: VerdictDecided = decode(VerdictDecided, bytes(envelope.data))
    about = (("Upload", said.upload_id), ("Decision", said.decision_id), ("Works", ", ".join(said.work_ids)))
    return _letter(f"Upload {said.upload_id} is {said.verdict}", said.explanation, "", about)


def _letter(subject: str, text: str, until: str, about: tuple[tuple[str, str], ...]) -> Letter:
    named = tuple((name, one_line(each)) for name, each in about if each)
    return Letter(_subject(subject), _printable(text), until, named)


def _subject(text: str) -> str:
    """Return a header's text. An encoded word (RFC 2047) is broken up: Python decodes it, line feeds and all."""
    return one_line(text)[:SUBJECT_CHARACTERS_MAX].replace("=?", "= ?")


def _printable(text: str) -> str:
    return "\n".join(one_line(line) for line in text.splitlines())
