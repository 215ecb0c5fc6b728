"""What a copy is told when it comes, and what is kept of it."""

import pytest

from services.contracts.inside import CopyChanged, Match, MatchFound
from services.contracts.topics import MATCHES_FOUND
from services.matcher.state import Copy
from tests.matcher.facts import DIGEST, came, gone, matcher, on, put, told, went


def test_a_copy_is_told_at_once_and_in_full() -> None:
    """Staydown: what comes after a listing learns of it before anything else, by the full state at one version."""
    deciding = matcher()
    on(deciding, put("label/hit"), put("label/hit", reference_id="remix"), put("rival/hit", version=9))
    said = on(deciding, came("u", 4, partition=2))
    assert said.of(MATCHES_FOUND) == [
        MatchFound(
            "u",
            4,
            DIGEST,
            version=3,
            matches=(
                Match("label", "hit", "master"),
                Match("label", "hit", "remix"),
                Match("rival", "hit", "master"),
            ),
        )
    ]
    assert [(emit.key, emit.partition) for emit in said] == [("u", 2)]


def test_a_copy_of_bytes_that_nobody_lists_is_told_that() -> None:
    """CLEAR needs an answer: no match is one."""
    assert told(on(matcher(), came("u"))) == [("u", 0, [])]


@pytest.mark.parametrize(
    ("history", "fact", "is_told", "copy", "copies"),
    [
        ([], came("u", 4), True, 4, 1),
        ([came("u", 4)], came("u", 4), False, 4, 1),
        ([came("u", 4)], came("u", 7), True, 7, 1),
        ([came("u", 7)], came("u", 4), False, 7, 1),
        ([came("u", 4)], went("u", 4), False, None, 0),
        ([came("u", 4)], went("u", 7), False, None, 0),
        ([came("u", 7)], went("u", 4), False, 7, 1),
        ([], went("u", 4), False, None, 0),
        ([came("u", 4), went("u", 4)], went("u", 4), False, None, 0),
        ([came("u", 4), went("u", 4)], came("u", 4), True, 4, 1),
        ([came("v", 1), came("u", 4)], went("u", 4), False, None, 1),
    ],
)
def test_the_highest_submission_of_an_upload_is_its_copy(
    history: list[CopyChanged], fact: CopyChanged, is_told: bool, copy: int | None, copies: int
) -> None:
    """Submission: the highest wins; a copy is told once, counted once, and goes once."""
    deciding = matcher()
    on(deciding, put(), *history)
    said = on(deciding, fact)
    kept: Copy | None = deciding.entry(DIGEST, "copy/u")
    assert told(said) == ([("u", 1, ["label/hit"])] if is_told else [])
    assert (kept.submission if kept else None) == copy
    assert deciding.entry(DIGEST).copies == copies


def test_bytes_that_were_never_listed_are_forgotten_with_their_last_copy() -> None:
    """Large keys: nothing grows without a bound; most content is never listed by anybody."""
    deciding = matcher()
    on(deciding, came("u"), came("v"), went("u"), went("v"))
    assert len(deciding.store) == 0


def test_a_version_is_never_reset() -> None:
    """Versions: when everything has gone the version stays, or what comes later would look older than it is."""
    deciding = matcher()
    on(deciding, came("u"), put(), gone())
    deciding.pass_time(0)
    on(deciding, went("u"))
    assert told(on(deciding, came("u", 9))) == [("u", 2, [])]
