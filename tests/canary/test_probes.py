from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.canary.placing import place, write_contents
from services.canary.probes import LISTED, PROBES, UNLISTED, Probe, registration
from services.canary.settings import read_canary_settings
from services.contracts.canary import CANARY, is_canary
from services.contracts.reading import Found, Read
from services.runtime.reading import FileReader
from services.runtime.settings import Settings
from services.runtime.variables import SettingsError

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_the_contents_are_the_same_for_ever() -> None:
    """A running cluster has listed one of them, and the other must never resemble it."""
    assert LISTED.content.blake3 == "29cf6398d55277e3c36c6cd198a9f2d6fe3700caac3b1fbed539a28d81dc0d68"
    assert UNLISTED.content.blake3 == "6384f4250f08d24419e47bb23407fd334ba6ba862267ea0a74ae836e20537370"
    assert [each.content for each in registration().references] == [LISTED.content]


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_the_hasher_reads_what_was_claimed(tmp_path: Path, probe: Probe) -> None:
    """What is written below the source is the content by whose digests the work is registered."""
    source = (tmp_path / "a folder").as_uri()
    place(source)
    found = FileReader(Settings(media_roots=(str(tmp_path),))).read(Read(probe.upload("1", source, NOW).uri))
    assert isinstance(found, Found)
    assert found.content == probe.content


def test_writing_again_changes_nothing_and_mends_what_is_damaged(tmp_path: Path) -> None:
    """A hasher that reads meanwhile would find a file that changed."""
    write_contents(tmp_path)
    before = (tmp_path / LISTED.name).stat().st_ino
    (tmp_path / UNLISTED.name).write_bytes(b"damaged")
    write_contents(tmp_path)
    assert (tmp_path / LISTED.name).stat().st_ino == before
    assert (tmp_path / UNLISTED.name).read_bytes() == UNLISTED.bytes


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One sentence; and what lies elsewhere is not written at all."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="file/canary: Not a directory"):
        place((tmp_path / "file" / "canary").as_uri())
    place("s3://bucket/canary")


def test_the_canary_is_told_apart_by_its_ids_alone() -> None:
    """A person whose name begins like the canary's is a person."""
    upload = LISTED.upload("1", "s3://bucket/canary", NOW)
    assert is_canary(upload.upload_id)
    assert is_canary(upload.uploader_id)
    assert not is_canary(f"{CANARY}-fan")


@pytest.mark.parametrize("source", ["/srv/media", "canary", "file:canary", "s3://bucket"])
def test_a_source_that_is_no_folder_is_refused(source: str) -> None:
    """The sentence names the variable."""
    with pytest.raises(SettingsError, match="STAYDOWN_CANARY_SOURCE must be the URI of a folder"):
        read_canary_settings({"STAYDOWN_CANARY_SOURCE": source})


def test_without_a_source_it_is_off() -> None:
    """And an empty variable is an absent one."""
    assert read_canary_settings({"STAYDOWN_CANARY_SOURCE": "", "STAYDOWN_CANARY_SECONDS": "3"}).source == ""
