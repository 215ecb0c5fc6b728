"""Thousands of random histories against the single-threaded model.

A failing seed is printed by hypothesis and in the failure's message; `STAYDOWN_SEED=n pytest tests/simulator -k seed`
plays it again.
"""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.playing import play

HISTORIES = int(os.environ.get("STAYDOWN_HISTORIES", "2000"))


@settings(max_examples=HISTORIES, deadline=None, print_blob=True)
@given(st.integers(0, 2**64 - 1))
def test_every_history_ends_as_the_model_says(seed: int) -> None:
    """G1 to G6 hold in any interleaving, with redelivery, duplicates, crashes and time that jumps."""
    play(seed)


def test_the_seed_of_a_failure_plays_again() -> None:
    """A seed from the environment, or a fixed one, gives the same history twice."""
    seed = int(os.environ.get("STAYDOWN_SEED", "1"))
    assert play(seed).log == play(seed).log
