"""Only regular files below the roots are opened, whatever a URI, a link or a device says."""

import os
import platform
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.contracts.reading import Failure
from services.runtime.opening import Opener, UnreadableError, failure_of, path_of
from services.runtime.straight import open_straight

NOBODY = 65_534
needs_openat2 = pytest.mark.skipif(
    sys.platform != "linux" or tuple(map(int, platform.release().split(".")[:2])) < (5, 6), reason="Linux 5.6"
)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///media/a.wav", b"/media/a.wav"),
        ("file:/media/a.wav", b"/media/a.wav"),
        ("FILE://localhost/media/a.wav", b"/media/a.wav"),
        ("file:///media/a%20b%2Fc", b"/media/a b/c"),
        ("file:///media/%FF.wav", b"/media/\xff.wav"),
        ("file:///media/é.wav", "/media/é.wav".encode()),
        ("file:///media/song #1?.wav", b"/media/song #1?.wav"),
        ("file:///media/100%.wav", b"/media/100%.wav"),
    ],
)
def test_a_file_uri_names_a_path(uri: str, path: bytes) -> None:
    """RFC 8089, and names as those write them who do not quote."""
    assert path_of(uri) == path


@pytest.mark.parametrize(
    ("uri", "failure"),
    [
        ("", Failure.UNSUPPORTED_SCHEME),
        ("/etc/passwd", Failure.UNSUPPORTED_SCHEME),
        ("s3://bucket/key", Failure.UNSUPPORTED_SCHEME),
        ("https://example.org/a", Failure.UNSUPPORTED_SCHEME),
        ("files:///a", Failure.UNSUPPORTED_SCHEME),
        ("file:a.wav", Failure.NOT_ALLOWED),
        ("file:", Failure.NOT_ALLOWED),
        ("file://", Failure.NOT_ALLOWED),
        ("file://server/share/a.wav", Failure.NOT_ALLOWED),
        ("file:///media/a%00.wav", Failure.NOT_FOUND),
        ("file:///media/a\0.wav", Failure.NOT_FOUND),
    ],
)
def test_what_names_no_path_here_is_refused(uri: str, failure: Failure) -> None:
    """Other schemes, other hosts, relative paths, names that no file can have."""
    with pytest.raises(UnreadableError) as caught:
        path_of(uri)
    assert caught.value.failure is failure


@pytest.fixture(name="walks", params=["straight", "by descriptor", "by walking"])
def _walks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All ways of opening keep the same promises; the others are those of old kernels, and of systems without /proc."""
    if request.param != "straight":
        monkeypatch.setattr("services.runtime.straight._syscall", None)
    if request.param == "by walking":
        monkeypatch.setattr("services.runtime.opening.sys.platform", "darwin")


def _outcome(root: Path, path: Path | str) -> bytes | Failure:
    try:
        descriptor, _ = Opener((str(root),)).open(os.fsencode(path))
    except UnreadableError as error:
        return error.failure
    except OSError as error:
        return failure_of(error)
    try:
        return os.read(descriptor, 100)
    finally:
        os.close(descriptor)


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    """Make a root with a file, and a secret beside it."""
    (tmp_path / "root" / "sub").mkdir(parents=True)
    (tmp_path / "root" / "file").write_bytes(b"inside")
    (tmp_path / "secret").write_bytes(b"outside")
    (tmp_path / "root-too").mkdir()
    (tmp_path / "root-too" / "file").write_bytes(b"outside")
    return tmp_path


def _bind(at: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(at))


MAKERS: dict[str, tuple[Callable[[Path], object], bytes | Failure]] = {
    "a file": (lambda at: at.write_bytes(b"x"), b"x"),
    "nothing": (lambda _: None, Failure.NOT_FOUND),
    "a directory": (lambda at: at.mkdir(), Failure.NOT_A_FILE),
    "a FIFO": (os.mkfifo, Failure.NOT_A_FILE),
    "a socket": (_bind, Failure.NOT_A_FILE),
    "a link to a file inside": (lambda at: at.symlink_to(at.parent / "file"), b"inside"),
    "a relative link inside": (lambda at: at.symlink_to("sub/../file"), b"inside"),
    "a link to a file outside": (lambda at: at.symlink_to(at.parent.parent / "secret"), Failure.NOT_ALLOWED),
    "a link that climbs out": (lambda at: at.symlink_to("../secret"), Failure.NOT_ALLOWED),
    "a link to a root's namesake": (lambda at: at.symlink_to("../root-too/file"), Failure.NOT_ALLOWED),
    "a link to an endless device": (lambda at: at.symlink_to("/dev/zero"), Failure.NOT_ALLOWED),
    "a link to nothing": (lambda at: at.symlink_to("nowhere"), Failure.NOT_FOUND),
    "a link to itself": (lambda at: at.symlink_to(at), Failure.NOT_FOUND),
    "a link through /proc": (lambda at: at.symlink_to("/proc/self/root/etc/passwd"), Failure.NOT_ALLOWED),
}


@pytest.mark.usefixtures("walks")
@pytest.mark.parametrize("kind", MAKERS)
def test_what_stands_below_a_root_is_opened_if_it_is_a_file_there(kind: str, place: Path) -> None:
    """What is no regular file is never opened for reading: a FIFO would hold the thread, a device has no end."""
    make, expected = MAKERS[kind]
    make(place / "root" / "it")
    assert _outcome(place / "root", place / "root" / "it") == expected


@pytest.mark.usefixtures("walks")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("root/file", b"inside"),
        ("root//./sub/../file", b"inside"),
        ("root/../root/file", b"inside"),
        ("root/file/below", Failure.NOT_FOUND),
        ("root", Failure.NOT_A_FILE),
        ("root/" + "x" * 300, Failure.NOT_FOUND),
        ("root/" + "x/" * 3000, Failure.NOT_FOUND),
        ("secret", Failure.NOT_ALLOWED),
        ("missing", Failure.NOT_ALLOWED),
        ("root/../secret", Failure.NOT_ALLOWED),
        ("root/sub/../../secret", Failure.NOT_ALLOWED),
        ("root-too/file", Failure.NOT_ALLOWED),
    ],
)
def test_a_path_that_leaves_the_root_is_refused_before_it_is_looked_at(
    path: str, expected: bytes | Failure, place: Path
) -> None:
    """Nobody learns what is outside, not even whether it is there."""
    assert _outcome(place / "root", f"{place}/{path}") == expected


@pytest.mark.usefixtures("walks")
def test_a_path_that_leaves_through_a_linked_directory_is_refused(place: Path) -> None:
    """`..` after a link means the parent of where the link leads."""
    (place / "root" / "out").symlink_to(place / "root-too")
    assert _outcome(place / "root", place / "root" / "out" / "file") is Failure.NOT_ALLOWED
    assert _outcome(place / "root", f"{place}/root/out/../secret") is Failure.NOT_ALLOWED


@pytest.mark.usefixtures("walks")
def test_a_root_may_be_named_by_a_link(place: Path) -> None:
    """The operator's own links are trusted; both names of the root are good."""
    (place / "alias").symlink_to(place / "root")
    assert _outcome(place / "alias", place / "alias" / "file") == b"inside"
    assert _outcome(place / "alias", place / "root" / "file") == b"inside"


@pytest.mark.usefixtures("walks")
def test_a_folder_that_has_moved_out_is_outside(place: Path) -> None:
    """Whatever was opened in it before, and though a link stands where it was."""
    (place / "root" / "sub" / "it").write_bytes(b"inside")
    assert _outcome(place / "root", place / "root" / "sub" / "it") == b"inside"
    (place / "root" / "sub").rename(place / "moved")
    assert _outcome(place / "root", place / "root" / "sub" / "it") is Failure.NOT_FOUND
    (place / "root" / "sub").symlink_to(place / "moved")
    assert _outcome(place / "root", place / "root" / "sub" / "it") is Failure.NOT_ALLOWED


def _replace_by_fifo(at: Path) -> None:
    at.unlink()
    os.mkfifo(at)


def _move_out(at: Path) -> None:
    at.parent.rename(at.parents[2] / "moved")
    at.parent.symlink_to(at.parents[2] / "moved")


SWAPS: dict[str, tuple[Callable[[Path], None], Failure]] = {
    "the file for a FIFO": (_replace_by_fifo, Failure.NOT_A_FILE),
    "its folder for a link to where it went": (_move_out, Failure.NOT_ALLOWED),
}


@needs_openat2
@pytest.mark.parametrize("swap", SWAPS)
def test_what_is_swapped_after_the_look_is_refused(swap: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is opened is looked at again, and the kernel itself refuses links."""
    change, expected = SWAPS[swap]
    at = place / "root" / "sub" / "it"
    at.write_bytes(b"inside")
    real = os.lstat

    def lstat(path: bytes) -> os.stat_result:
        status = real(path)
        monkeypatch.undo()
        change(at)
        return status

    monkeypatch.setattr(os, "lstat", lstat)
    assert _outcome(place / "root", at) is expected


@needs_openat2
def test_only_a_regular_file_without_links_on_the_way_is_opened_straight(place: Path) -> None:
    """For all else somebody has to find out where it leads, or why it cannot be opened."""
    (place / "root" / "link").symlink_to("file")
    (place / "way").symlink_to("root")
    os.mkfifo(place / "root" / "fifo")
    opened = open_straight(os.fsencode(place / "root" / "file"))
    assert opened is not None
    os.close(opened[0])
    for path in ("root/link", "way/file", "root/fifo", "root/sub", "root/nothing"):
        assert open_straight(os.fsencode(place / path)) is None, path


def test_without_roots_nothing_is_opened(place: Path) -> None:
    """Nothing is allowed unless somebody allows it."""
    with pytest.raises(UnreadableError):
        Opener(()).open(os.fsencode(place / "root" / "file"))


def test_the_whole_file_system_may_be_a_root(place: Path) -> None:
    """An operator who says so gets it, and devices are still none."""
    assert _outcome(Path("/"), place / "secret") == b"outside"
    assert _outcome(Path("/"), "/dev/zero") is Failure.NOT_A_FILE


@pytest.fixture(name="nobody")
def _nobody() -> Iterator[None]:
    """Take root's privileges away for a test, if it has them."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    yield
    os.seteuid(was)


def test_a_file_without_permission_is_tried_again(place: Path, request: pytest.FixtureRequest) -> None:
    """Its owner can cure that, while what lies outside of the roots stays there."""
    (place / "root" / "file").chmod(0)
    request.getfixturevalue("nobody")
    assert _outcome(place / "root", place / "root" / "file") is Failure.UNREACHABLE
