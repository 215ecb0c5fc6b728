"""A person's files as a submission names them: by place, or by the identity of their bytes."""

import mimetypes
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from services.client.errors import ClientError
from services.contracts.reading import Failure, Read
from services.contracts.submitted import Attestation, Document, Policy, Reference, Register
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


_URI = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")


def is_uri(file: str) -> bool:
    """Tell whether this names a place for the cluster to read, and no file here."""
    return _URI.match(file) is not None


def references_of(files: tuple[str, ...], *, by_digest: bool) -> tuple[Reference, ...]:
    """Return each file or URI as a reference named after the file; files of one name are told apart by their number."""
    names = [_name(file) for file in files]
    unique = len(set(names)) == len(names)
    return tuple(
        _reference(file, name if unique else f"{number}-{name}", by_digest=by_digest)
        for number, (file, name) in enumerate(zip(files, names, strict=True), 1)
    )


def registration(
    title: str,
    files: Sequence[Path | str],
    *,
    documents: Sequence[Path | str] = (),
    signed_by: str = "",
    by_digest: bool = False,
    policy: Policy | None = None,
    artists: Sequence[str] = (),
    isrc: str = "",
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Register:
    """Return the registration of a work by its files, or URIs that the cluster can read; ClientError if one cannot be.

    `documents`: papers that show the right, recorded by name, place and digest (a URI as it is). `signed_by`: who
    declares that the right is exclusive, what is said is accurate, and that they act in good faith. `by_digest`: hash
    the files here and send only what identifies their bytes, which finds identical copies alone.
    """
    return Register(
        title=title,
        artists=tuple(artists),
        isrc=isrc,
        references=references_of(tuple(map(str, files)), by_digest=by_digest),
        policy=policy,
        documents=tuple(document_of(each) for each in documents),
        attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by=signed_by)
        if signed_by
        else None,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def document_of(document: Path | str) -> Document:
    """Return a paper as it is recorded: its name, its place and, of a file here, its BLAKE3 digest."""
    if is_uri(str(document)):
        return Document(kind=_name(str(document)), uri=str(document))
    file = Path(document)
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


def media_type_of(file: str) -> str:
    """Return the media type that the name of a file suggests, or nothing."""
    return mimetypes.guess_type(_name(file))[0] or ""


def _name(file: str) -> str:
    """Return the last part of a path, or of a URI without its query."""
    return PurePosixPath(file.partition("?")[0]).name if is_uri(file) else Path(file).name


def _reference(file: str, reference_id: str, *, by_digest: bool) -> Reference:
    if by_digest:
        return Reference(reference_id, content=content_of(local(file)), media_type=media_type_of(file))
    return Reference(reference_id, uri=file if is_uri(file) else uri_of(Path(file)), media_type=media_type_of(file))


def local(file: str) -> Path:
    """Return the path of a file that is to be hashed here, or raise ClientError."""
    if is_uri(file):
        raise ClientError(f"Only a file can be hashed here, not a URI: {file}.")
    return Path(file)


def _unreadable(file: Path, failure: Failure) -> ClientError:
    return ClientError(f"{file} cannot be used: {FAILED_BECAUSE.get(failure, failure.value)}.")
