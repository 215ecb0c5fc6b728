"""`hotkey`: one song, a great many copies, registered afterwards; then released again."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number as Within

from loadtest.files import make_files
from loadtest.hot_key import Round, Song
from loadtest.latency import Percentiles
from loadtest.options import Output, Target
from loadtest.others import Others
from loadtest.repeats import Measured
from loadtest.report import Chart, Goal, Line, Number, Report, costs, restarted
from loadtest.running import Offered, Run, run
from loadtest.sampling import Samples, memory_chart, sampling
from loadtest.schedule import void_because
from loadtest.stock import Stock
from loadtest.turns import IncompleteError, Turn

FILE_BYTES = 4096
# Distinct files of the others: a minute's worth, then they come again.
OTHERS_CONTENTS_MAX = 20_000
OTHERS_CONTENTS_SECONDS = 60
# Issue 4's goals, and what is meant by the matcher's memory being bounded: a takedown of all copies takes no more than
# half as much again as having them.
ALONE_PER_SECOND = 10_000
BESIDE_OTHERS_PER_SECOND = 5_000
OTHERS_P99_MS = 500
MEMORY_RATIO = 1.5


def check_rounds(_kind: Any, hot: "HotKey | None") -> None:
    """Refuse to measure nothing, or others that have no file."""
    if hot is None:
        return
    if not hot.alone and not hot.others:
        raise ValueError("Without --alone there must be --others.")
    if hot.others and hot.files == 1:
        raise ValueError("--others is too slow to be measured.")


@Parameter(name="*", validator=check_rounds)
@dataclass(frozen=True, slots=True, kw_only=True)
class HotKey:
    """What is offered."""

    copies: Annotated[int, Parameter(validator=Within(gte=1, lte=2_000_000), help="Of the one song.")] = 100_000
    others: Annotated[
        float,
        Parameter(validator=Within(gte=0, lte=5_000), help="Uploads a second beside, in a second round; 0: none."),
    ] = 200.0
    alone: Annotated[bool, Parameter(help="The first round, with nothing else to do.")] = True

    @property
    def files(self) -> int:
        """How many files are made: the song, and the others'."""
        return 1 + min(OTHERS_CONTENTS_MAX, round(self.others * OTHERS_CONTENTS_SECONDS))


def hotkey(
    *,
    hot: HotKey = HotKey(),
    target: Target = Target(),  # noqa: B008  # frozen
    output: Output = Output(),  # noqa: B008  # frozen
) -> Report:
    """Measure how fast all copies of one song come down and come back, and how others fare meanwhile."""

    async def measure(given: Run) -> Measured:
        session, cluster = given.session, given.cluster
        made = await asyncio.to_thread(make_files, cluster.folder(), hot.files, FILE_BYTES, given.seed)
        song = Song(session, cluster, made[0], hot.copies)
        beside = Others(session, Stock((), made[1:], ()), hot.others, given.seed) if hot.others else None
        async with sampling(cluster.pids, lambda: float(session.truth.outstanding)) as samples:
            try:
                up_seconds = await song.put_up()
                rounds = await _rounds(song, hot, beside)
            except IncompleteError as error:
                return Measured(void=(str(error),))
        return _measured(hot, up_seconds, rounds, beside, samples)

    aside = f", then beside {hot.others:g} others/s" if hot.others else ""
    sentence = f"{hot.copies:,} copies of one file of {FILE_BYTES:,} bytes, registered afterwards{aside}"
    return run("hotkey", Offered(hot, sentence, hot.files * FILE_BYTES), target, output, measure)


async def _rounds(song: Song, hot: HotKey, beside: Others | None) -> dict[str, Round]:
    rounds = {}
    if hot.alone:
        rounds["alone"] = await song.take_down_and_bring_back("song-alone", None)
    if beside:
        rounds["beside others"] = await song.take_down_and_bring_back("song-beside-others", beside)
    return rounds


def _measured(
    hot: HotKey, up_seconds: float, rounds: dict[str, Round], beside: Others | None, samples: Samples
) -> Measured:
    numbers = [Number("copies put up", hot.copies / up_seconds, "per second")]
    figures: dict[str, Percentiles] = {}
    void: list[str] = []
    for name, one in rounds.items():
        for turn, way in ((one.down, "down"), (one.back, "back")):
            numbers += _numbers(f"{way}, {name}", hot.copies, turn)
            void += restarted(turn.used)
            if name != "alone" and beside:
                figures[f"others' verdicts while copies go {way}"] = beside.waited(turn.began, turn.ended).percentiles()
                late = figures[f"  generator late, {way}"] = beside.late_ms(turn.began, turn.ended)
                void += filter(None, [void_because(late)])
    ratio = _memory_ratio(next(iter(rounds.values())), samples)
    numbers += [Number(f"{name}, greatest RSS", samples.greatest(name), "MiB") for name in ("matcher", "enforcer")]
    numbers.append(Number("matcher, RSS while down and back / with all copies up", ratio, ""))
    used = next(iter(rounds.values())).down.used
    return Measured(
        figures_ms=figures,
        numbers=tuple(numbers),
        charts=(_chart(rounds), memory_chart(samples, "Memory while one song's copies go up, down and back")),
        goals=_goals(hot, rounds, figures, ratio),
        cost=costs(None, used, hot.copies),
        void=tuple(void),
        others_cores=used.others / used.seconds,
    )


def _numbers(way: str, copies: int, turn: Turn) -> list[Number]:
    return [
        Number(f"copies {way}", copies / turn.seconds, "per second"),
        Number(f"  the last of them, {way}", turn.seconds, "seconds"),
        Number(f"  receipt, {way}", turn.receipt_at - turn.began, "seconds"),
    ]


def _memory_ratio(one: Round, samples: Samples) -> float:
    before = samples.greatest("matcher", until=one.down.began)
    return samples.greatest("matcher", since=one.down.began) / before


def _chart(rounds: dict[str, Round]) -> Chart:
    lines = tuple(
        Line(f"{way}, {name}", turn.curve)
        for name, one in rounds.items()
        for way, turn in (("down", one.down), ("back", one.back))
    )
    return Chart(
        "copies",
        "One song's copies: down after a registration, back after a release",
        "seconds since it was submitted",
        "copies with the new verdict",
        lines,
    )


def _goals(hot: HotKey, rounds: dict[str, Round], figures: dict[str, Percentiles], ratio: float) -> tuple[Goal, ...]:
    goals = []
    if "alone" in rounds:
        per_second = hot.copies / rounds["alone"].down.seconds
        goals.append(Goal("copies down with nothing else to do", ALONE_PER_SECOND, per_second, "per second", True))
    if "beside others" in rounds:
        per_second = hot.copies / rounds["beside others"].down.seconds
        p99 = figures["others' verdicts while copies go down"].p99
        goals.append(Goal("copies down beside others", BESIDE_OTHERS_PER_SECOND, per_second, "per second", True))
        goals.append(Goal("others' verdicts meanwhile, p99", OTHERS_P99_MS, p99))
    return (*goals, Goal("matcher's memory for it, times what it has anyway", MEMORY_RATIO, ratio, ""))
