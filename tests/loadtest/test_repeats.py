from loadtest.latency import Percentiles
from loadtest.repeats import Measured, middle, spread, void_of
from loadtest.report import Cost, Goal, Number, Spread


def measured(value: float, void: tuple[str, ...] = ()) -> Measured:
    """Return a repeat, all of whose figures are made of one."""
    return Measured(
        figures_ms={"verdict": Percentiles(9, value, value, 2 * value, value, value)},
        numbers=(Number("copies down", 100 / value, "per second"),),
        goals=(Goal("verdict, p99", 300, 2 * value),),
        cost=(Cost("matcher", value / 10, 0.1, 0.0),),
        void=void,
    )


REPEATS = [measured(10), measured(30), measured(20)]


def test_the_middle_repeat_is_shown_and_goals_are_judged_by_medians() -> None:
    """Neither the best nor the worst of them."""
    shown = middle(REPEATS)
    assert shown.figures_ms["verdict"].p50 == 20
    assert shown.goals == (Goal("verdict, p99", 300, 40),)


def test_the_spread_of_every_figure_is_told() -> None:
    """Least, median and greatest."""
    assert spread(REPEATS) == (
        Spread("verdict, p50", "ms", 10, 20, 30),
        Spread("verdict, p99", "ms", 20, 40, 60),
        Spread("copies down", "per second", 100 / 30, 5, 10),
        Spread("CPU of matcher", "ms per upload", 1, 2, 3),
    )


def test_a_single_run_has_no_spread() -> None:
    """One figure spreads over nothing."""
    assert spread(REPEATS[:1]) == ()
    assert middle(REPEATS[:1]) == REPEATS[0]


def test_one_void_repeat_makes_all_void() -> None:
    """A median with it would mean nothing either."""
    assert void_of([measured(1), measured(1, ("late",))]) == ("repeat 2: late",)
    assert void_of([measured(1, ("late",))]) == ("late",)
    assert void_of(REPEATS) == ()


def test_a_repeat_that_broke_off_has_no_figures_and_makes_all_void() -> None:
    """The others' are shown all the same."""
    repeats = [measured(10), Measured(void=("copies had no verdict",)), measured(30)]
    assert middle(repeats).goals == (Goal("verdict, p99", 300, 40),)
    assert spread(repeats) == ()
    assert void_of(repeats) == ("repeat 2: copies had no verdict",)
