import pytest

from services.notifier.receivers import Every
from services.notifier.schedule import (
    DAY_MS,
    HOUR_MS,
    JITTER,
    PAUSES_MS,
    Delivered,
    Failed,
    Standing,
    State,
    first_try,
    retry_after_ms,
    standing_after,
)

NOW = 1_800_000_000_000  # 2027-01-15T08:00:00Z
MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("attempts", "pause_ms"),
    [
        (1, 5_000),
        (2, 5 * MINUTE_MS),
        (3, 30 * MINUTE_MS),
        (4, 2 * HOUR_MS),
        (5, 5 * HOUR_MS),
        (6, 10 * HOUR_MS),
        (7, 14 * HOUR_MS),
        (8, 20 * HOUR_MS),
        (9, 24 * HOUR_MS),
    ],
)
def test_a_failure_is_tried_again_as_the_specification_suggests(attempts: int, pause_ms: int) -> None:
    """Not before its time, and at most a fifth later."""
    assert standing_after(Failed("500"), attempts, NOW, 0.0) == Standing(State.WAITING, NOW + pause_ms)
    assert standing_after(Failed("500"), attempts, NOW, 1.0).next_ms == NOW + round(pause_ms * (1 + JITTER))


@pytest.mark.parametrize(
    ("outcome", "attempts", "state"),
    [
        (Delivered(), 1, State.DELIVERED),
        (Delivered(), 10, State.DELIVERED),
        (Failed("500"), 10, State.GIVEN_UP),
        (Failed("550", for_good=True), 1, State.GIVEN_UP),
        (Failed("410", is_gone=True), 1, State.GIVEN_UP),
    ],
)
def test_what_is_over_is_tried_no_more(outcome: Delivered | Failed, attempts: int, state: State) -> None:
    """Delivered, refused for good, or failed for the tenth time, some three days after the first."""
    assert standing_after(outcome, attempts, NOW, 0.5) == Standing(state, None)
    assert sum(PAUSES_MS) > 3 * DAY_MS


@pytest.mark.parametrize(
    ("asked_ms", "waited_ms"),
    [(0, 5_000), (1_000, 5_000), (60_000, 60_000), (DAY_MS, DAY_MS), (30 * DAY_MS, DAY_MS)],
)
def test_a_receiver_may_ask_for_more_time_up_to_a_day(asked_ms: int, waited_ms: int) -> None:
    """It may not ask for less than the schedule gives, and not for ever."""
    failed = Failed("429", retry_after_ms=asked_ms)
    assert standing_after(failed, 1, NOW, 0.0).next_ms == NOW + waited_ms


@pytest.mark.parametrize(
    ("text", "wait_ms"),
    [
        ("", 0),
        ("0", 0),
        ("120", 120_000),
        (" 120 ", 120_000),
        ("-1", 0),
        ("1.5", 0),
        ("²", 0),
        ("soon", 0),
        ("9" * 5_000, DAY_MS),
        ("Fri, 15 Jan 2027 08:02:00 GMT", 120_000),
        ("Fri, 15 Jan 2027 08:02:00", 120_000),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY_MS),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, wait_ms: int) -> None:
    """What is neither asks for nothing."""
    assert retry_after_ms(text, NOW) == wait_ms


@pytest.mark.parametrize(
    ("every", "now", "first_ms"),
    [
        (None, NOW + 1, NOW + 1),
        (Every.HOUR, NOW, NOW + HOUR_MS),
        (Every.HOUR, NOW + 1, NOW + HOUR_MS),
        (Every.HOUR, NOW + HOUR_MS - 1, NOW + HOUR_MS),
        (Every.DAY, NOW, NOW + 16 * HOUR_MS),
    ],
)
def test_a_digest_waits_for_the_end_of_its_hour_or_day(every: Every | None, now: int, first_ms: int) -> None:
    """In UTC; without one it is told at once."""
    assert first_try(every, now) == first_ms
