"""Each profile, small, on a real cluster: it measures what it says, and the truth about it is told.

Whether a run is void (exit code 3) is the machine's business; that nothing was missed, wrong or doubled is not.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loadtest.command import EXIT_FAILED, EXIT_VOID
from services.cluster.launch import second_worker
from services.pipeline import SERVICES

pytestmark = pytest.mark.kafka

SECONDS_MAX = 120
# Nine workers, one after another, with a minute before and the time that each is away without a name.
EVERY_WORKER_SECONDS_MAX = 480
STOP_SECONDS_MAX = 30


@pytest.fixture(scope="module", name="cluster")
def cluster_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """Run a cluster for all tests here and give the arguments that name it."""
    state, media = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("media")
    command = [sys.executable, "-m", "services.cli", "up", "--state", str(state), "--media-root", str(media)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        ready = running.stdout.readline().split()
        assert ready, "the cluster ended before it was ready"
        bootstrap = ready[1].removeprefix("bootstrap=")
        try:
            yield ("--kafka", bootstrap, "--media-root", str(media), "--state", str(state))
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(STOP_SECONDS_MAX)


def measured(
    folder: Path, *arguments: str, killed: frozenset[str] = frozenset(), seconds_max: float = SECONDS_MAX
) -> dict[str, Any]:
    """Run a profile, check what it used and drew, and return its report.

    What a process used that was killed meanwhile is not known.
    """
    saved = reported(folder, *arguments, "--plot", str(folder / "plots"), seconds_max=seconds_max)
    drawn = {path.name for path in (folder / "plots").iterdir() if path.stat().st_size > 5_000}
    assert {f"{arguments[0]}-{chart['name']}.png" for chart in saved["charts"]} < drawn
    used = {cost["process"] for cost in saved["cost"]}
    assert {"hasher", "enforcer", "matcher", "generator"} - killed <= used
    assert killed.isdisjoint(used)
    assert all(cost["cpu_ms_per_upload"] >= 0 for cost in saved["cost"])
    return saved


def reported(folder: Path, *arguments: str, seconds_max: float = SECONDS_MAX) -> dict[str, Any]:
    """Run a profile as a process of its own, check that all was right, and return its report."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "loadtest", *arguments, "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds_max, check=False)
    assert done.returncode in (0, EXIT_VOID), done.stdout + done.stderr
    saved: dict[str, Any] = json.loads(report.read_text())
    assert bool(saved["void"]) == (done.returncode == EXIT_VOID)
    truth = saved["truth"]
    assert (truth["missed"], truth["wrong"], truth["duplicate"]) == (0, 0, 0)
    return saved


def stop(line: str, *arguments: str) -> None:
    """Run a profile until it says that it is about to do something, tell it to stop, and check that it says so."""
    command = [sys.executable, "-m", "loadtest", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        while not running.stderr.readline().startswith(line):
            assert running.poll() is None
        os.kill(running.pid, signal.SIGTERM)
        assert running.wait(STOP_SECONDS_MAX) == EXIT_FAILED


def numbers(saved: dict[str, Any]) -> dict[str, float]:
    """Return the figures that are no latencies."""
    return {number["name"]: number["value"] for number in saved["numbers"]}


def test_steady_tells_verdicts_hops_copies_and_timers(cluster: tuple[str, ...], tmp_path: Path) -> None:
    """A hundred uploads, a registration and a timer."""
    saved = measured(
        tmp_path, "steady", *cluster, "--rate", "100", "--seconds", "1", "--warm-up-seconds", "1",
        "--registrations", "1", "--timers", "1", "--listed", "0.3",
    )  # fmt: skip
    for name in ("submitted → verdict", "  enforcer → verdict"):
        assert saved["figures_ms"][name]["count"] == 100
    assert saved["figures_ms"]["1,000 copies down"]["count"] == 1
    assert saved["figures_ms"]["timer → readable"]["count"] == 1
    assert saved["truth"]["uploads"] == 200 + 1000 + 1


def test_every_takedown_is_told_by_webhook(tmp_path: Path) -> None:
    """On a cluster of its own, whose notifier is told of the receiver."""
    saved = measured(tmp_path, "webhooks", "--rate", "50", "--seconds", "1", "--warm-up-seconds", "1")
    assert saved["figures_ms"]["takedown → webhook delivered"]["count"] == 50


def test_the_knee_is_searched_for_rung_by_rung(cluster: tuple[str, ...], tmp_path: Path) -> None:
    """It ends at the last rung, or at the first that falls."""
    saved = measured(
        tmp_path, "knee", *cluster, "--first", "50", "--step", "50", "--last", "100", "--seconds", "1",
        "--settle-seconds", "0.5", "--warm-up-seconds", "1", "--contents", "50",
    )  # fmt: skip
    (ladder,) = saved["grids"]
    sustained = [float(row[0]) for row in ladder["rows"] if row[-1] == "sustained"]
    assert numbers(saved)["highest rate sustained"] == max(sustained, default=0)
    assert len(ladder["rows"]) == min(2, len(sustained) + 1)


def test_a_burst_is_over_and_others_are_told_apart(cluster: tuple[str, ...], tmp_path: Path) -> None:
    """Five hundred at once."""
    saved = measured(
        tmp_path, "burst", *cluster, "--burst", "500", "--rate", "50", "--warm-up-seconds", "1",
        "--before-seconds", "1", "--after-seconds", "3", "--contents", "100",
    )  # fmt: skip
    figures = saved["figures_ms"]
    assert figures["the burst's verdicts"]["count"] == 500
    assert figures["others' before"]["count"] == 50
    assert figures["others' meanwhile"]["count"] + figures["others' after"]["count"] == 150
    gone = numbers(saved)["the burst was gone after"] * 1000
    assert gone == pytest.approx(figures["the burst's verdicts"]["max"], rel=2e-3)


def test_a_hot_key_goes_down_and_comes_back_alone_and_beside_others(cluster: tuple[str, ...], tmp_path: Path) -> None:
    """A thousand copies of one song, twice down and twice back."""
    saved = measured(tmp_path, "hotkey", *cluster, "--copies", "1000", "--others", "20")
    found = numbers(saved)
    for way in ("down, alone", "back, alone", "down, beside others", "back, beside others"):
        assert found[f"copies {way}"] == pytest.approx(1000 / found[f"  the last of them, {way}"])
        assert 0 < found[f"  receipt, {way}"] < 60
    assert saved["truth"]["uploads"] > 1000
    copies = {line["name"]: line["points"] for line in saved["charts"][0]["lines"]}
    assert copies["down, alone"][-1][1] == 1000
    assert len(saved["goals"]) == 4


def test_registrations_are_in_force_when_they_say_so(cluster: tuple[str, ...], tmp_path: Path) -> None:
    """Copies of them that come afterwards are blocked. Two repeats, and their spread."""
    saved = measured(
        tmp_path, "registrations", *cluster, "--rate", "20", "--seconds", "2", "--warm-up-seconds", "0.5",
        "--rightsholders", "3", "--checked", "10", "--repeats", "2",
    )  # fmt: skip
    assert saved["figures_ms"]["registration → ACCEPTED"]["count"] == 40
    assert saved["figures_ms"]["registration → ENFORCED"]["count"] == 40
    assert saved["truth"]["uploads"] == 20
    assert saved["repeats"] == 2
    spread = {one["figure"]: one for one in saved["spread"]}["registration → ACCEPTED, p99"]
    assert 0 < spread["min"] <= spread["median"] <= spread["max"]


def test_a_soak_is_a_mix_and_tells_memory_over_time(cluster: tuple[str, ...], tmp_path: Path) -> None:
    """Uploads, re-uploads, registrations, and what is registered afterwards comes down."""
    saved = measured(
        tmp_path, "soak", *cluster, "--rate", "50", "--seconds", "4", "--warm-up-seconds", "1",
        "--listed", "0.2", "--registered", "0.2", "--contents", "50", "--backwards", "5",
    )  # fmt: skip
    figures = saved["figures_ms"]
    both = figures["submitted → verdict"]["count"] + figures["registration → ACCEPTED"]["count"]
    assert both == 200
    assert figures["registered → its uploads down"]["count"] >= 5
    assert numbers(saved)["matcher, memory at the end"] > 10
    charts = {chart["name"]: chart for chart in saved["charts"]}
    assert len(next(line for line in charts["memory"]["lines"] if line["name"] == "matcher")["points"]) >= 4
    assert sum(count for _, count in charts["lag"]["lines"][0]["points"]) >= 0


def test_a_backlog_is_caught_up_on(tmp_path: Path) -> None:
    """A cluster of its own, whose services are away while a thousand uploads come."""
    saved = measured(tmp_path, "backlog", "--uploads", "1000", "--contents", "50", "--listed", "0.2")
    found = numbers(saved)
    assert saved["truth"]["uploads"] == 1000
    # Not one after the other: pages and mail may be ready later than what decides has caught up.
    assert 0 < found["services ready after"] < SECONDS_MAX
    assert 0 < found["caught up after"] < SECONDS_MAX
    assert found["uploads, from the services' start"] == pytest.approx(1000 / found["caught up after"])


def test_a_run_that_is_told_to_stop_leaves_nothing_behind(cluster: tuple[str, ...], tmp_path: Path) -> None:
    """No file of its own where the cluster reads."""
    media = Path(cluster[cluster.index("--media-root") + 1])
    before = set(media.iterdir())
    stop("sending", "mixed", *cluster, "--contents", "50", "--json", str(tmp_path / "report.json"))
    assert set(media.iterdir()) == before


def test_a_catalogue_comes_back_after_a_settlement(cluster: tuple[str, ...], tmp_path: Path) -> None:
    """Twenty works with twenty copies each, beside others; every takedown is ended once."""
    saved = measured(tmp_path, "settlement", *cluster, "--works", "20", "--uploads", "400", "--others", "20")
    found = numbers(saved)
    assert found["uploads reinstated"] == pytest.approx(400 / found["  the last of them"])
    assert 0 < found["  receipt RELEASED"] < 60
    assert saved["charts"][0]["lines"][0]["points"][-1][1] == 400
    assert saved["truth"]["uploads"] > 400
    assert len(saved["goals"]) == 2


def test_no_verdict_is_missed_while_workers_are_restarted(cluster: tuple[str, ...], tmp_path: Path) -> None:
    """Those that an upload passes, one after another, under load; nobody is told that it takes longer."""
    workers = ("hasher", "enforcer", "matcher")
    saved = measured(
        tmp_path, "rolling", *cluster, "--rate", "50", "--warm-up-seconds", "1", "--after-seconds", "2",
        *(option for worker in workers for option in ("--only", worker)), killed=frozenset(workers),
    )  # fmt: skip
    assert [row[0] for row in saved["grids"][0]["rows"]] == [*workers]
    assert saved["figures_ms"]["submitted → verdict, during"]["count"] > 50
    assert saved["figures_ms"]["submitted → verdict, after"]["count"] == pytest.approx(100, abs=2)
    assert numbers(saved)["told first that it takes longer"] == 0


@pytest.mark.nightly
@pytest.mark.parametrize("how", [(), ("--kill",), ("--kill", "--dynamic", "--twice", "enforcer", "--twice", "matcher")])
def test_no_verdict_is_missed_whoever_is_ended(tmp_path: Path, how: tuple[str, ...]) -> None:
    """Every worker of a cluster of its own, restarted or killed; with members that have no names, of two workers."""
    workers = {*SERVICES, *map(second_worker, how[3::2]), "notifier", "console"}
    every = EVERY_WORKER_SECONDS_MAX
    saved = measured(tmp_path, "rolling", "--rate", "100", *how, killed=frozenset(workers), seconds_max=every)
    assert {row[0] for row in saved["grids"][0]["rows"]} == workers


@pytest.mark.nightly
def test_a_settlement_goes_on_where_it_was_when_services_are_killed(tmp_path: Path) -> None:
    """On a cluster of its own; registry, matcher and enforcer are killed in the middle of it."""
    victims = frozenset({"registry", "matcher", "enforcer"})
    saved = measured(tmp_path, "settlement", "--works", "200", "--uploads", "10000", "--kill", killed=victims)
    assert saved["truth"]["uploads"] > 10_000


@pytest.mark.nightly
def test_a_hundred_thousand_copies_come_down_and_come_back(tmp_path: Path) -> None:
    """On a cluster of its own, as the command does it by itself."""
    saved = measured(tmp_path, "hotkey", "--copies", "100000")
    assert saved["truth"]["uploads"] > 100_000


@pytest.mark.nightly
def test_two_hundred_thousand_uploads_are_caught_up_on(tmp_path: Path) -> None:
    """More than a service takes in before the thirty seconds of TIMED_OUT, so some may be told that it takes longer."""
    saved = measured(tmp_path, "backlog", "--uploads", "200000")
    assert saved["truth"]["uploads"] == 200_000


@pytest.mark.nightly
def test_a_copy_of_everything_is_restored_and_services_go_on_from_it(tmp_path: Path) -> None:
    """A cluster of its own, and a second Kafka."""
    saved = reported(tmp_path, "backup", "--uploads", "1000", "--contents", "50")
    found = numbers(saved)
    assert saved["truth"]["uploads"] == 1000
    # Nine records of each upload, some of them again as state; compressed, each takes some dozens of bytes.
    assert 0.1 < found["the copy, of a million uploads"] < 2
    assert all(value > 0 for value in found.values())


@pytest.mark.nightly
def test_a_backlog_can_be_told_to_stop_while_its_services_are_away() -> None:
    """Nobody but the generator itself hears the signal then."""
    stop("submitting", "backlog", "--contents", "50")
