"""A breaker opens after some failures in a row, and lets one probe through after each pause."""

from services.runtime.remote.breaker import FAILURES_MAX, PAUSE_SECONDS_MAX, PAUSE_SECONDS_MIN, Breaker


class Watched:
    """A breaker, its clock, and what it told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.told: list[bool] = []
        self.breaker = Breaker(lambda: self.now, self.told.append)

    def fail(self, times: int) -> None:
        """Fail in a row."""
        for _ in range(times):
            self.breaker.failed()


def test_it_opens_after_failures_in_a_row() -> None:
    """A success between them begins the count anew."""
    watched = Watched()
    watched.fail(FAILURES_MAX - 1)
    watched.breaker.succeeded()
    watched.fail(FAILURES_MAX - 1)
    assert watched.breaker.admits()
    watched.fail(1)
    assert not watched.breaker.admits()
    assert watched.told == [True]


def test_one_probe_is_let_through_after_the_pause() -> None:
    """If it succeeds all are; the others are refused meanwhile."""
    watched = Watched()
    watched.fail(FAILURES_MAX)
    watched.now += PAUSE_SECONDS_MIN
    assert [watched.breaker.admits() for _ in range(3)] == [True, False, False]
    watched.breaker.succeeded()
    assert all(watched.breaker.admits() for _ in range(3))
    assert watched.told == [True, False]


def test_pauses_grow_up_to_a_bound() -> None:
    """Each failed probe doubles the pause."""
    watched = Watched()
    watched.fail(FAILURES_MAX)
    pauses = []
    for _ in range(10):
        began = watched.now
        while not watched.breaker.admits():
            watched.now += 0.5
        pauses.append(watched.now - began)
        watched.fail(1)
    assert pauses[:4] == [PAUSE_SECONDS_MIN * 2**number for number in range(4)]
    assert pauses[-1] == PAUSE_SECONDS_MAX
    assert watched.told == [True]


def test_what_was_asked_before_and_fails_later_does_not_lengthen_the_pause() -> None:
    """Of 56 reads in flight all fail when a host restarts; that is one failure of it, and not ten probes."""
    watched = Watched()
    watched.fail(56)
    watched.now += PAUSE_SECONDS_MIN
    assert watched.breaker.admits()
    watched.fail(1)
    watched.now += PAUSE_SECONDS_MIN
    assert not watched.breaker.admits()
    watched.now += PAUSE_SECONDS_MIN
    assert watched.breaker.admits()


def test_a_probe_that_never_ends_is_followed_by_another() -> None:
    """A slow read may take half an hour; the host is asked again before."""
    watched = Watched()
    watched.fail(FAILURES_MAX)
    watched.now += PAUSE_SECONDS_MIN
    assert watched.breaker.admits()
    watched.now += PAUSE_SECONDS_MIN
    assert watched.breaker.admits()
