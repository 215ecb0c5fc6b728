from pathlib import Path

import blake3

from loadtest.files import make_files


def test_files_are_distinct_and_what_is_said_of_them_is_so(tmp_path: Path) -> None:
    """The truth about an upload starts with its bytes; another seed gives others."""
    made = make_files(tmp_path / "one", 50, 64, seed=1)
    others = make_files(tmp_path / "two", 50, 64, seed=2)
    digests = [each.content.blake3 for each in (*made, *others)]
    assert len(set(digests)) == 100
    for each in made:
        data = Path(each.uri.removeprefix("file://")).read_bytes()
        assert (each.content.blake3, each.content.size_bytes) == (blake3.blake3(data).hexdigest(), 64)


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    """So that a run can be repeated."""
    first = make_files(tmp_path / "one", 3, 64, seed=1)
    again = make_files(tmp_path / "two", 3, 64, seed=1)
    assert [each.content for each in first] == [each.content for each in again]
