"""Opening a file that a stranger named: below allow-listed roots only, and only if it is a regular file.

Promises: what lies outside of the roots is never opened for reading, whatever links and `..` say and whoever changes
them meanwhile; nor is a directory, FIFO, socket or device. The check is made on what is open, not on its name.
"""

import errno
import os
import re
import stat
import sys
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from services.contracts.reading import Failure
from services.runtime.straight import READ, open_straight

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_DESCRIPTORS = b"/proc/self/fd/%d"

_FAILURES = {
    errno.ENOENT: Failure.NOT_FOUND,
    errno.ENOTDIR: Failure.NOT_FOUND,
    errno.ENAMETOOLONG: Failure.NOT_FOUND,
    errno.ELOOP: Failure.NOT_FOUND,
    errno.EISDIR: Failure.NOT_A_FILE,
}


class UnreadableError(Exception):
    """A file that cannot or must not be read."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


def failure_of(error: OSError) -> Failure:
    """Return what an error of the system means; all that may pass is UNREACHABLE, permissions included: they are cured.

    NOT_ALLOWED is final, and so stays with what lies outside of the roots.
    """
    return _FAILURES.get(error.errno or 0, Failure.UNREACHABLE)


def path_of(uri: str) -> bytes:
    """Return the path in a `file:` URI (RFC 8089), or raise UnreadableError.

    Such a URI has no query and no fragment, so `?` and `#` belong to the name, as those who do not quote mean it.
    """
    if uri.startswith("file:///") and "%" not in uri and "\0" not in uri:
        return uri[len("file://") :].encode(errors="surrogatepass")  # as nearly all are
    scheme = _SCHEME.match(uri)
    if scheme is None or scheme[1].lower() != "file":
        raise UnreadableError(Failure.UNSUPPORTED_SCHEME)
    rest = uri[scheme.end() :]
    if rest.startswith("//"):
        host, slash, after = rest[2:].partition("/")
        if host.lower() not in ("", "localhost"):
            raise UnreadableError(Failure.NOT_ALLOWED)
        rest = slash + after
    if not rest.startswith("/"):
        raise UnreadableError(Failure.NOT_ALLOWED)
    path = unquote_to_bytes(rest.encode(errors="surrogatepass"))
    if b"\0" in path:
        raise UnreadableError(Failure.NOT_FOUND)
    return path


class Opener:
    """Opens files below the roots. The roots' own links are resolved once, here."""

    def __init__(self, roots: tuple[str, ...]) -> None:
        resolved = [os.path.realpath(os.fsencode(root)) for root in roots]
        self._resolved = _Roots(resolved)
        self._named = _Roots([*resolved, *(_normal(os.fsencode(root)) for root in roots)])
        self._has_descriptors = sys.platform == "linux" and os.path.exists(_DESCRIPTORS % 0)  # noqa: PTH110  # bytes

    def open(self, path: bytes) -> tuple[int, os.stat_result]:
        """Return a descriptor of the regular file at `path`, and what it is.

        Raises UnreadableError, or OSError as the system does.
        """
        normal = _normal(path)
        if path == normal and self._resolved.hold(path) and (straight := open_straight(path)):
            return straight
        if not self._named.hold(normal):
            raise UnreadableError(Failure.NOT_ALLOWED)
        return self._open_by_descriptor(path) if self._has_descriptors else self._open_by_walking(path)

    def _open_by_descriptor(self, path: bytes) -> tuple[int, os.stat_result]:
        """Take hold of the file without opening it, ask the kernel where and what it is, then open what is held."""
        held = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            name = _DESCRIPTORS % held
            status = os.fstat(held)
            self._check(os.readlink(name), status)  # noqa: PTH115  # bytes: names need not be UTF-8
            return os.open(name, READ), status
        finally:
            os.close(held)

    def _open_by_walking(self, path: bytes) -> tuple[int, os.stat_result]:
        """Resolve all links first, then walk down without following any: whoever puts one in meanwhile gets ELOOP."""
        real = os.path.realpath(path, strict=True)
        at = os.open(b"/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            *directories, name = real.strip(b"/").split(b"/")
            for directory in directories:
                below = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
                os.close(at)
                at = below
            self._check(real, os.stat(name, dir_fd=at, follow_symlinks=False))
            descriptor = os.open(name, READ | os.O_NOFOLLOW, dir_fd=at)
            return descriptor, os.fstat(descriptor)
        finally:
            os.close(at)

    def _check(self, real: bytes, status: os.stat_result) -> None:
        if not self._resolved.hold(real):
            raise UnreadableError(Failure.NOT_ALLOWED)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(Failure.NOT_A_FILE)


def _normal(path: bytes) -> bytes:
    return b"/" + os.path.normpath(path).lstrip(b"/")


class _Roots:
    """Directories, as absolute paths."""

    def __init__(self, paths: Iterable[bytes]) -> None:
        self._paths = frozenset(paths)
        self._prefixes = tuple(path.rstrip(b"/") + b"/" for path in self._paths)

    def hold(self, path: bytes) -> bool:
        """Tell whether a path is one of them or below one."""
        return path.startswith(self._prefixes) or path in self._paths
