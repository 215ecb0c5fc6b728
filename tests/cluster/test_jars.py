import asyncio
import hashlib
from pathlib import Path

import pytest

from services.cluster import jars
from services.cluster.downloads import COORDINATES, project_of
from services.cluster.errors import ClusterError
from services.cluster.jars import LIST, find_fault, obtain_jars, read_list

CONTENT = {"one.jar": b"one", "two.jar": b"two"}
DIGESTS = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}


def fill(directory: Path, content: dict[str, bytes]) -> Path:
    """Write the files."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, each in content.items():
        (directory / name).write_bytes(each)
    return directory


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the cache at an empty folder and the list at two small files; give the folder of this version's jars."""
    listed = tmp_path / "list.sha256"
    listed.write_text("".join(f"{digest}  {name}\n" for name, digest in DIGESTS.items()), encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(jars, "LIST", listed)
    return tmp_path / "cache" / "staydown" / f"kafka-{jars.KAFKA_VERSION}"


def deliver(monkeypatch: pytest.MonkeyPatch, content: dict[str, bytes]) -> list[Path]:
    """Let the world outside deliver this; return where to, once for each download."""
    asked: list[Path] = []

    async def download(directory: Path, _: jars.Progress) -> None:
        asked.append(fill(directory, content))

    monkeypatch.setattr(jars, "download_jars", download)
    return asked


def test_the_committed_list_names_every_jar_once() -> None:
    """92 jars with SHA-256s, the three that the coordinates name among them."""
    digests = read_list(LIST.read_text(encoding="utf-8"))
    assert len(digests) == len(LIST.read_text(encoding="utf-8").splitlines()) == 92
    assert {"kafka_2.13-4.3.1.jar", "kafka-tools-4.3.1.jar", "slf4j-simple-1.7.36.jar"} <= set(digests)
    assert all(len(bytes.fromhex(digest)) == 32 for digest in digests.values())


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (CONTENT, None),
        ({**CONTENT, "three.jar": b"more does no harm"}, None),
        ({"one.jar": b"one"}, "two.jar is missing"),
        ({**CONTENT, "two.jar": b"other"}, "two.jar has a SHA-256 other than the committed one"),
    ],
)
def test_a_folder_is_used_only_if_all_is_there_and_right(
    tmp_path: Path, content: dict[str, bytes], fault: str | None
) -> None:
    """The first shortfall is named."""
    assert find_fault(fill(tmp_path / "jars", content), DIGESTS) == fault


def test_a_second_start_downloads_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first fills the cache, the second finds it and says that it downloaded for no time at all."""
    asked = deliver(monkeypatch, CONTENT)
    first = asyncio.run(obtain_jars(print))
    second = asyncio.run(obtain_jars(print))
    assert first.paths == second.paths == (cache / "one.jar", cache / "two.jar")
    assert first.downloading_seconds > 0.0 == second.downloading_seconds
    assert len(asked) == 1
    assert list(cache.parent.iterdir()) == [cache]


def test_a_wrong_download_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A jar with another digest is an error that names it, and is not kept."""
    deliver(monkeypatch, {**CONTENT, "one.jar": b"evil"})
    with pytest.raises(ClusterError, match=r"not used: one\.jar has a SHA-256 other"):
        asyncio.run(obtain_jars(print))
    assert not list(cache.parent.iterdir())


def test_a_spoilt_cache_is_filled_anew(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a disk or a person spoilt is discarded, told, and got again."""
    fill(cache, {"one.jar": b"spoilt"})
    deliver(monkeypatch, CONTENT)
    told: list[str] = []
    assert asyncio.run(obtain_jars(told.append)).paths[0].read_bytes() == b"one"
    assert told[0] == "cached jars of Kafka are discarded: one.jar has a SHA-256 other than the committed one"


def test_two_that_fill_the_cache_at_once_both_find_it_filled(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second uses what the first has put there."""

    async def download(directory: Path, _: jars.Progress) -> None:
        fill(directory, CONTENT)
        fill(cache, CONTENT)

    monkeypatch.setattr(jars, "download_jars", download)
    assert find_fault(asyncio.run(obtain_jars(print)).paths[0].parent, DIGESTS) is None


def test_maven_is_asked_for_the_coordinates() -> None:
    """The project that Maven gets depends on each of them, and names no repository."""
    project = project_of(COORDINATES)
    assert project.count("<dependency>") == len(COORDINATES)
    assert "<artifactId>kafka_2.13</artifactId><version>4.3.1</version>" in project
    assert "repositor" not in project
