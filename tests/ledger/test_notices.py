"""What people are told of their standing: how many count, what it means, until when, and what they can do."""

import pytest

from services.contracts.decided import NoticeIssued, Recipient
from services.contracts.rules import Rules
from services.contracts.standing import StrikeIncurred
from services.ledger.telling import ONE_SCAN
from tests.deciding import NOW, Said
from tests.ledger.facts import (
    COMMUNITY,
    RIGHTSHOLDER,
    UPLOADER,
    WHO,
    Kind,
    days,
    issued,
    ledger,
    notices,
    on,
    reinstated,
    reversed_,
    strike_out,
)

END = "2024-02-12 22:13 UTC"
"""Ninety days after `NOW`."""

OBJECT = "you can object to each of them, free of charge, by a dispute"
FEW = Rules(watched_strikes=1, restricted_strikes=2, community_watched_strikes=2)


def said_to(kind: Kind, *facts: StrikeIncurred) -> NoticeIssued:
    """Return the last notice that follows from facts about an id of a kind."""
    notice = notices(on(ledger(), *facts, rules=FEW))[-1]
    assert notice.recipient == Recipient(Recipient.Kind(kind.value), WHO)
    return notice


def facts(kind: Kind, count: int) -> list[StrikeIncurred]:
    """Return as many takedowns."""
    return [issued(str(number), kind) for number in range(count)]


@pytest.mark.parametrize(
    ("kind", "told", "means", "phrases"),
    [
        (
            UPLOADER,
            facts(UPLOADER, 1),
            "Your uploads are shown only when every scan is done",
            (
                "1 takedown of your uploads counts",
                "From 1 on",
                ONE_SCAN,
                "From 2 on",
                "counts for 90 days",
                OBJECT,
                END,
            ),
        ),
        (
            UPLOADER,
            facts(UPLOADER, 2),
            "Your uploads are held until a person has looked at them",
            ("2 takedowns of your uploads count", "From 2 on", OBJECT, END),
        ),
        (
            UPLOADER,
            [issued("a"), reinstated("a")],
            "Your uploads are shown as usual again",
            ("0 takedowns of your uploads count", "Fewer than 1 change nothing"),
        ),
        (
            COMMUNITY,
            facts(COMMUNITY, 2),
            "Uploads in your community are shown only when every scan is done",
            (
                "2 takedowns of uploads in your community count",
                ONE_SCAN,
                "Nothing is done to the community itself",
                OBJECT,
                END,
            ),
        ),
        (
            COMMUNITY,
            [*facts(COMMUNITY, 2), reinstated("0", COMMUNITY)],
            "Uploads in your community are shown as usual again",
            ("1 takedown of uploads in your community counts", "Fewer than 2 change nothing", END),
        ),
        (
            RIGHTSHOLDER,
            [*facts(RIGHTSHOLDER, 80), *(reversed_(str(number)) for number in range(10))],
            "Your registrations are limited",
            (
                "Of 80 takedowns for your works within 90 days 10 were reversed",
                "From 10 and 10 of a hundred on",
                "more than 10 copies",
                "What is registered stands",
                "until 2024-02-13 00:00 UTC",
            ),
        ),
        (
            RIGHTSHOLDER,
            [
                *facts(RIGHTSHOLDER, 100),
                *(reversed_(str(number)) for number in range(10)),
                issued("another", RIGHTSHOLDER),
            ],
            "Your registrations are no longer limited",
            ("Of 101 takedowns for your works within 90 days 10 were reversed", "less than 10 and 10 of a hundred"),
        ),
    ],
)
def test_a_notice_says_how_many_what_it_means_and_until_when(
    kind: Kind, told: list[StrikeIncurred], means: str, phrases: tuple[str, ...]
) -> None:
    """DSA Article 23: who is restricted learns it, the reason, its length and the way to object."""
    notice = said_to(kind, *told)
    assert notice.subject == means
    assert [phrase for phrase in phrases if phrase not in notice.text] == [], notice.text
    assert notice.about.rightsholder_id == (WHO if kind is RIGHTSHOLDER else "")


def test_what_ends_of_itself_names_no_end() -> None:
    """When nothing counts any more there is nothing to wait for."""
    deciding = ledger()
    on(deciding, issued("a"), rules=FEW)
    said = on(deciding, reinstated("a"), rules=FEW)
    assert "oldest" not in notices(said)[0].text


def test_every_notice_has_an_id_of_its_own() -> None:
    """One per recipient and cause: the same standing, again and again within one batch, by one takedown."""
    deciding = ledger()
    strike_out(deciding, 2)
    said: list[NoticeIssued] = []
    for _ in range(3):
        said += notices(on(deciding, issued("c"), reinstated("c")))
    on(deciding, *(issued(str(number), COMMUNITY) for number in range(29)))
    said += notices(on(deciding, issued("c"), issued("c", COMMUNITY)))
    deciding.now += days(200)
    said += notices(Said(deciding.pass_time(0)))
    assert len({one.notice_id for one in said}) == len(said) == 10
    assert {one.issued_at.timestamp() * 1000 for one in said} == {NOW, NOW + days(200)}
