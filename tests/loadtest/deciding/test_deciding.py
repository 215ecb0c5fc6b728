"""What deciding costs: the story goes as it must, every record is counted, and the goal is in the table."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from loadtest.command import EXIT_ARGUMENTS
from loadtest.deciding.command import main
from loadtest.deciding.plant import TIMERS, Plant, Spent
from loadtest.deciding.report import GOAL_US, averages, rows
from loadtest.deciding.story import MIX, Story
from loadtest.target import LoadTestError
from services.contracts.decided import VerdictDecided
from services.contracts.processor import Engine
from services.contracts.topics import (
    CONTENTS_DIVIDED,
    CONTENTS_MET,
    COPIES_CHANGED,
    UPLOADS_READ,
    VERDICTS_DECIDED,
    Topic,
)
from services.pipeline import PIPELINE

COUNT = 40
AGAIN = 4
"""Re-uploads in the mix, of the first works."""
DECIDING = {processor.name for processor in PIPELINE if processor.engine is Engine.EXACTLY_ONCE}


@pytest.fixture(scope="module", name="spent")
def _spent() -> dict[tuple[str, str, str], Spent]:
    plant = Plant(batch_records=7)
    Story(plant, COUNT, 1).play()
    return dict(plant.spent)


def test_every_service_that_decides_meets_every_kind_of_record(spent: dict[tuple[str, str, str], Spent]) -> None:
    """What a service reads and nobody in the story ever says would be missing from its figure."""
    met = defaultdict(set)
    for service, _, topic in spent:
        met[service].add(topic)
    assert met.keys() == DECIDING
    of_parts = {CONTENTS_DIVIDED, CONTENTS_MET}  # of an index in parts alone, and here it is whole
    written = {topic for one in PIPELINE for topic in one.writes} - of_parts
    for processor in PIPELINE:
        if processor.engine is Engine.EXACTLY_ONCE:
            said = {one for one in (*processor.reads, *processor.broadcasts) if one.from_world or one in written}
            assert {topic.name.removesuffix(".v1") for topic in said} <= met[processor.name], processor.name
    assert met["ledger"] == {"strikes.incurred", TIMERS}


@pytest.mark.parametrize(
    ("place", "records"),
    [
        (("registry", "works registered", "works.submitted"), COUNT),
        (("registry", "works registered", "listings.applied"), 2 * COUNT),
        (("matcher", "uploads of nothing listed", "copies.changed"), COUNT),
        (("enforcer", "uploads of what is listed", "matches.found"), COUNT),
        (("recogniser", "uploads of something new", "contents.admitted"), COUNT),
        (("recogniser", "the mix", "contents.admitted"), COUNT - 1),
        (("recogniser", "the mix", "references.fingerprinted"), 1),
        (("ledger", "the mix", "strikes.incurred"), AGAIN * 3),
        (("enforcer", "that file registered", "matches.revised"), COUNT),
        (("enforcer", "works released", "matches.revised"), COUNT + AGAIN),
        (("ledger", "strikes", "strikes.incurred"), 3 * COUNT),
    ],
)
def test_every_record_is_counted_once(
    spent: dict[tuple[str, str, str], Spent], place: tuple[str, str, str], records: int
) -> None:
    """However many batches they came in; of a round, the records that it writes."""
    assert spent[place].records == records
    assert 0 < spent[place].decide_seconds < spent[place].seconds


def test_what_is_unread_is_yielded_once_and_without_null_values() -> None:
    """The hasher's part: the plant keeps for it what nobody else reads."""
    plant = Plant()
    story = Story(plant, 20, 1)
    story.play()
    assert list(plant.unread(VERDICTS_DECIDED, VerdictDecided)) == []
    assert list(plant.unread(COPIES_CHANGED, dict)), "nobody has read it from here"
    assert list(plant.unread(COPIES_CHANGED, dict)) == []


class Forgetful(Plant):
    """A plant in which one upload of what is listed is never read."""

    def publish(self, topic: Topic, key: str, fact: object | None) -> int:
        """Write a record, or not."""
        return -1 if (topic, key) == (UPLOADS_READ, "listed-7") else super().publish(topic, key, fact)


def test_a_story_that_goes_otherwise_is_refused() -> None:
    """Figures of services that decide wrongly, or not at all, would mean nothing."""
    with pytest.raises(LoadTestError, match=r"“uploads of what is listed” the verdicts on 20 uploads are .*: 19\}"):
        Story(Forgetful(), 20, 1).play()


def test_a_row_is_the_median_of_the_rounds_and_an_average_is_of_the_mix() -> None:
    """A kind of record that is rare in the mix counts little there, and what is not in it not at all."""
    rounds = [
        {("one", MIX, "x"): Spent(100, 0.001 * factor, 0.01, 0.0001), ("one", MIX, "y"): Spent(1, 0.001, 0.002)}
        | {("one", "else", "x"): Spent(1_000_000, 100.0, 200.0)}
        for factor in (1, 2, 9)
    ]
    first, second, other = rows(rounds)
    assert [round(value, 3) for value in (first.median_us, first.least_us, first.most_us)] == [20, 10, 90]
    assert (first.records, round(first.whole_us), round(first.applying_us, 3), second.topic) == (100, 100, 1, "y")
    assert other.scene == "else"
    (average,) = averages(rounds)
    assert (average.records, round(average.average_us, 2), average.goal_us) == (101, round(3000 / 101, 2), GOAL_US)
    assert (average.is_reached, round(average.whole_us, 2)) == (True, round(12_000 / 101, 2))
    assert not averages([{("one", MIX, "x"): Spent(1, 31e-6, 0.0)}])[0].is_reached


def test_the_command_tells_every_service_s_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a table with the goal, and as JSON; it exits with 0 whatever the figures are."""
    path = tmp_path / "figures.json"
    with pytest.raises(SystemExit) as ended:
        main(["--count", "20", "--rounds", "2", "--json", str(path)])
    assert ended.value.code == 0
    said = json.loads(path.read_text())
    assert {one["service"] for one in said["averages"]} == DECIDING
    assert all(one["least_us"] <= one["median_us"] <= one["most_us"] for one in said["rows"])
    shown = capsys.readouterr().out
    assert "≤ 30 µs" in shown
    assert "ledger" in shown


@pytest.mark.parametrize("arguments", [("--count", "1"), ("--rounds", "0"), ("--kafka", "127.0.0.1:1")])
def test_what_cannot_be_measured_is_refused(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """With one sentence, and exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == EXIT_ARGUMENTS
    assert capsys.readouterr()
