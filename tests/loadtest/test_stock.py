from collections import Counter
from pathlib import Path

import pytest

from loadtest.files import make_files
from loadtest.mixed_load import REGISTRATION, Mix, choose
from loadtest.stock import Stock
from loadtest.truth import Expected, Verdict


@pytest.fixture(name="stock")
def stock_(tmp_path: Path) -> Stock:
    """Three listed files and ten others."""
    files = make_files(tmp_path / "files", 13, 64, seed=1)
    return Stock(files[:3], files[3:], ["work-0", "work-1", "work-2"])


def test_a_listed_file_is_blocked_for_its_work_and_no_other_is(stock: Stock) -> None:
    """The truth follows from the file, whoever else uploads it."""
    blake3 = [made.content.blake3 for made in stock.files]
    assert stock.expected[1] == Expected(Verdict.BLOCKED, blake3[1], ("work-1",))
    assert stock.expected[3] == Expected(Verdict.CLEAR, blake3[3])
    assert len(stock.expected) == len(stock.addresses) == 13


def test_files_are_shared_evenly_and_listed_ones_by_chance(stock: Stock) -> None:
    """A tenth of ten thousand uploads is listed, and each other file has its turn."""
    chosen = Counter(stock.choose(10_000, 0.1, seed=1))
    listed = sum(chosen[which] for which in range(3))
    assert listed == pytest.approx(1_000, abs=150)
    others = [chosen[which] for which in range(3, 13)]
    assert max(others) - min(others) <= 1
    assert stock.choose(100, 0.1, seed=1) == stock.choose(100, 0.1, seed=1)


def test_a_mix_has_the_shares_that_it_is_told(stock: Stock) -> None:
    """95 % new, 4 % re-uploads of listed works, 1 % registrations."""
    mix = Mix(rate=1_000, seconds=20, warm_up_seconds=0)
    events = choose(mix, stock, seed=1)
    assert len(events) == 20_000
    assert sum(which == REGISTRATION for which in events) == pytest.approx(200, abs=60)
    assert sum(0 <= which < 3 for which in events) == pytest.approx(800, abs=120)
