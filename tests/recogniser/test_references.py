"""A reference that comes is compared with the contents that are there."""

import pytest

from services.contracts.inside import ReferenceForgotten
from services.recogniser import comparing
from services.recogniser.state import WALK
from tests.deciding import Said, digest
from tests.recogniser.facts import admit, fingerprint, found, recogniser, reference
from tests.recogniser.reading import reading


@pytest.fixture(params=[(1_000, 1_000), (1, 1), (20, 1), (1, 1_000), (30, 12)], ids=str)
def _bounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever one step looks at."""
    found_per_step, read_chunks_per_step = request.param
    monkeypatch.setattr(comparing, "FOUND_PER_STEP", found_per_step)
    monkeypatch.setattr(comparing, "READ_CHUNKS_PER_STEP", read_chunks_per_step)


@pytest.mark.usefixtures("_bounds")
def test_every_content_that_is_alike_is_found_once() -> None:
    """However many chunks they share, and however the steps fall."""
    deciding = recogniser()
    alike = {f"u{number}": range(number, 10) for number in range(5)}
    for label, chunks in alike.items():
        admit(deciding, label, chunks)
    admit(deciding, "unlike", [0, *range(50, 60)])
    admit(deciding, "master", range(10))
    said = found(fingerprint(deciding, reference("master", range(10))))
    assert sorted(said) == sorted((digest(label), -1, [("master", 1.0)]) for label in alike)
    assert deciding.entry("id of master", WALK) is None


def test_what_comes_during_a_walk_is_found_from_its_own_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference is known from its first moment, and what was there is not forgotten for it."""
    monkeypatch.setattr(comparing, "READ_CHUNKS_PER_STEP", 1)
    deciding = recogniser()
    for number in range(3):
        admit(deciding, f"u{number}", range(9))
    deciding.on("id of master", reference("master", range(10)))
    deciding.wake()
    assert found(admit(deciding, "late", range(9))) == [(digest("late"), 1, [("master", 1.0)])]
    deciding.pass_time(0)
    assert {one[0] for one in found(Said(deciding.log)) if one[2]} == {
        digest(one) for one in ("u0", "u1", "u2", "late")
    }


def test_a_reference_is_compared_again_by_another_registration_alone() -> None:
    """What ended in between may have been compacted away, and with it what had been found."""
    deciding = recogniser()
    admit(deciding, "cut", range(9))
    fact = reference("master", range(10))
    assert len(found(fingerprint(deciding, fact))) == 1
    assert found(fingerprint(deciding, fact)) == []
    assert len(found(fingerprint(deciding, reference("master", range(10), registration=2)))) == 1


def test_a_reference_that_is_forgotten_is_compared_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing of it is left, nor of one that was never known."""
    monkeypatch.setattr(comparing, "READ_CHUNKS_PER_STEP", 1)
    deciding = recogniser()
    for number in range(3):
        admit(deciding, f"u{number}", range(9))
    deciding.on("id of master", reference("master", range(10)))
    deciding.wake()
    deciding.on("id of master", ReferenceForgotten())
    assert found(deciding.pass_time(0)) == []
    assert deciding.entry("id of master") is None
    assert deciding.on("id of master", ReferenceForgotten()) == ()


@pytest.mark.parametrize(("found_per_step", "read_chunks_per_step"), [(20, 1_000), (1_000, 18)])
def test_a_step_looks_at_no_more_than_its_bounds(
    found_per_step: int, read_chunks_per_step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a million files share is walked through in steps."""
    monkeypatch.setattr(comparing, "FOUND_PER_STEP", found_per_step)
    monkeypatch.setattr(comparing, "READ_CHUNKS_PER_STEP", read_chunks_per_step)
    deciding = recogniser()
    for number in range(5):
        admit(deciding, f"u{number}", range(9))
    deciding.on("id of master", reference("master", range(10)))
    for _ in range(2):
        assert len(found(deciding.wake())) == 2


def test_a_content_is_read_once_in_a_walk_however_much_it_shares() -> None:
    """And one that shares too little not at all: how much it is the index knows."""
    deciding, store = reading()
    for number in range(20):
        admit(deciding, f"alike{number}", range(10))
        admit(deciding, f"unlike{number}", [0, 1, 2, *range(50, 60)])
    deciding.on("id of master", reference("master", range(10)))
    store.heads.clear()
    assert len(found(deciding.pass_time(0))) == 20
    del store.heads["id of master"]
    assert store.heads == {digest(f"alike{number}"): 1 for number in range(20)}
