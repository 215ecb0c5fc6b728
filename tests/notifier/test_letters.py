from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.decided import NoticeIssued, VerdictDecided
from services.notifier.letters import SUBJECT_CHARACTERS_MAX, compose
from services.notifier.matching import deliveries
from tests.notifier.facts import AT, NOW, Verdict, by_webhook, notice, verdict

SENDER = "Staydown <staydown@example.org>"
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
}  # fmt: skip


def letter(*facts: NoticeIssued | VerdictDecided) -> EmailMessage:
    """Return the message that tells these, as it is read where it arrives."""
    bodies = [each.body for fact in facts for each in deliveries(fact, [by_webhook(verdicts=tuple(Verdict))], NOW)]
    return message_from_bytes(
        compose("id", bodies, SENDER, "person@example.org", AT).as_bytes(), EmailMessage, policy=default
    )


def page(message: EmailMessage, kind: str) -> str:
    """Return what stands in a message."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


HOSTILE = (
    "Down\r\nBcc: victim@example.org",
    "Down\nContent-Type: text/html\n\n<script>alert(1)</script>",
    "Down\rX: y",
    "Down\u2028X: y",
    "Down\x0bX: y\x00",
    "=?utf-8?q?Down=0D=0ABcc:_victim=40example.org?=",
    "=?=?=?" * 100,
    "\u202egnp.exe",
    "x" * 10_000,
    "",
    "   ",
    "Ünïcode ☃ 🎵",
)


@pytest.mark.parametrize("subject", HOSTILE)
def test_a_hostile_subject_adds_no_header(subject: str) -> None:
    """Neither a recipient, nor a part, nor a turn of the order of letters."""
    message = letter(notice(subject=subject))
    assert set(message.keys()) == HEADERS
    assert message["To"] == "person@example.org"
    assert message["Subject"].isprintable()
    assert len(message["Subject"]) <= SUBJECT_CHARACTERS_MAX * 1.5  # an encoded word's begin takes three for two
    assert message.get_content_type() == "multipart/alternative"


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_of_a_stranger_changes_the_form_of_a_letter(subject: str, text: str) -> None:
    """Whatever characters there are."""
    message = letter(notice(subject=subject, text=text, who=text or "u"))
    assert set(message.keys()) == HEADERS
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_hostile_markup_is_text() -> None:
    """In HTML everything that people wrote is escaped."""
    hostile = "<script>alert('x')</script><img src=x onerror=y>&amp;\"'"
    html = page(letter(notice(subject=hostile, text=hostile, who=hostile)), "html")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_a_notice_says_until_when_an_answer_counts_and_what_it_is_about() -> None:
    """In both forms."""
    message = letter(notice())
    for kind in ("plain", "html"):
        said = page(message, kind)
        for words in ("It holds a song.", "2026-05-01 12:30 UTC", "up-1", "t-1", "song", "label"):
            assert words in said


def test_a_verdict_is_told_with_its_explanation() -> None:
    """Also to people who read mail."""
    message = letter(verdict())
    assert message["Subject"] == "Upload up-1 is BLOCKED"
    assert "It is the song." in page(message, "plain")
