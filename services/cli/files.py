"""A person's files as a submission names them: by place, or by the identity of their bytes."""

import mimetypes
from pathlib import Path

from services.client.errors import ClientError
from services.contracts.reading import Failure, Read
from services.contracts.submitted import Document, Reference
from services.contracts.types import Content
from services.runtime.reading import FileReader
from services.runtime.settings import Settings

FAILED_BECAUSE = {
    Failure.NOT_ALLOWED: "it may not be read",
    Failure.NOT_FOUND: "there is no such file",
    Failure.NOT_A_FILE: "it is not a regular file",
    Failure.EMPTY: "it is empty",
    Failure.CHANGED: "it changed while it was read",
}


def references_of(files: tuple[Path, ...], *, by_digest: bool) -> tuple[Reference, ...]:
    """Return each file as a reference named after the file; files of one name are told apart by their number."""
    names = [file.name for file in files]
    unique = len(set(names)) == len(names)
    return tuple(
        _reference(file, file.name if unique else f"{number}-{file.name}", by_digest=by_digest)
        for number, file in enumerate(files, 1)
    )


def document_of(file: Path) -> Document:
    """Return a paper as it is recorded: its name, its place and its BLAKE3 digest."""
    return Document(kind=file.name, uri=uri_of(file), blake3=content_of(file).blake3)


def uri_of(file: Path) -> str:
    """Return the `file:` URI of a file that is there, or raise ClientError."""
    if not file.is_file():
        raise _unreadable(file, Failure.NOT_A_FILE if file.exists() else Failure.NOT_FOUND)
    return file.resolve().as_uri()


def content_of(file: Path) -> Content:
    """Return the identity of a file's bytes, read here; ClientError if it cannot be read."""
    found = FileReader(Settings(media_roots=("/",))).read(Read(uri_of(file), slow=True))
    if isinstance(found, Failure):
        raise _unreadable(file, found)
    return found.content


def media_type_of(name: str) -> str:
    """Return the media type that a file's name suggests, or nothing."""
    return mimetypes.guess_type(name)[0] or ""


def _reference(file: Path, reference_id: str, *, by_digest: bool) -> Reference:
    if by_digest:
        return Reference(reference_id, content=content_of(file), media_type=media_type_of(file.name))
    return Reference(reference_id, uri=uri_of(file), media_type=media_type_of(file.name))


def _unreadable(file: Path, failure: Failure) -> ClientError:
    return ClientError(f"{file} cannot be used: {FAILED_BECAUSE.get(failure, failure.value)}.")
