"""Works to be registered by the dozen: the files of a folder, or the rows of a CSV file.

Promises: whatever is wrong with one of them is said about it alone, with the place where it stands; the rest goes on.
"""

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.client.errors import ClientError
from services.client.files import is_uri, media_type_of
from services.contracts.submitted import Policy

COLUMNS = {
    "work_id": "id of the work; by the file's content unless given, so it must be given with `uri`",
    "file": "the work's file, from the CSV file's folder on",
    "uri": "in its place: where the cluster reads it",
    "title": "title; the file's name unless given",
    "artists": "who made it, joined by semicolons",
    "isrc": "International Standard Recording Code",
    "document": "file or URI that shows the right; --document unless given",
    "attested_by": "who declares, in good faith, that right and facts are so; --attest unless given",
    "policy": "BLOCK, REVIEW or TRACK; what the options say unless this or one of the next two is there",
    "territories": "countries, as DE;FR; everywhere unless given",
    "excerpt_ms": "how many milliseconds of it an upload may hold unhindered",
    "valid_from": "as 2026-12-31 or 2026-12-31T18:00:00Z; UTC unless it says more",
    "valid_until": "the same",
}
"""The columns of a CSV file, in any order; the first line names those that are there."""

MEDIA = ("audio/", "image/", "video/")
WORKS_MAX = 100_000
"""All of one run are held in memory. More are registered by several runs."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A work to be registered. `where`: the line or the file that asks for it. What is empty takes the common value."""

    where: str
    source: str
    work_id: str = ""
    title: str = ""
    artists: tuple[str, ...] = ()
    isrc: str = ""
    document: str = ""
    signed_by: str = ""
    policy: Policy | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """What stands at a place and cannot be registered, and why; `is_wrong` unless nobody would have expected it."""

    where: str
    why: str
    is_wrong: bool = True


def works_in_folder(folder: Path) -> list[Wanted | Unusable]:
    """Return each audio, image and video file below a folder, by its name, as a work; ClientError if there is none.

    What is hidden (.name) is passed over.
    """
    if not folder.is_dir():
        raise ClientError(f"{folder} is no folder.")
    found: list[Wanted | Unusable] = []

    def note(error: OSError) -> None:
        found.append(Unusable(_printable(os.path.relpath(error.filename, folder)), f"{error.strerror}"))

    for place, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [_of_file(folder, Path(place) / name) for name in sorted(names) if not name.startswith(".")]
    if not any(isinstance(each, Wanted) for each in found):
        raise ClientError(f"{folder} holds no audio, image or video file that could be registered.")
    return _bounded(found, folder)


def _of_file(folder: Path, file: Path) -> Wanted | Unusable:
    where = _printable(str(file.relative_to(folder)))
    if not media_type_of(str(file)).startswith(MEDIA):
        return Unusable(where, "no audio, image or video by its name", is_wrong=False)
    return Wanted(where, str(file.absolute()), title=_printable(file.stem))


def works_in_csv(file: Path) -> list[Wanted | Unusable]:
    """Return each row of a CSV file as a work; ClientError if the file as a whole cannot be used.

    UTF-8; separated by commas, or by semicolons if the first line is; `COLUMNS` says what they mean.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ClientError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ClientError(f"{file} is not UTF-8: save it so and try again.") from None
    head = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), strict=True, skipinitialspace=True, delimiter=";" if "," not in head else ","
    )
    columns = [name.strip() for name in next(reader, [])]
    _check_columns(file, columns)
    found = [_of_row(f"line {line}", columns, row, file.parent) for line, row in _rows(reader)]
    if not found:
        raise ClientError(f"{file} has no row below its first line.")
    return _bounded(found, file)


def _check_columns(file: Path, columns: list[str]) -> None:
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown or len(set(columns)) < len(columns) or not {"file", "uri"} & set(columns):
        what = f"unknown ones: {', '.join(unknown)}" if unknown else "each once, and `file` or `uri`"
        raise ClientError(f"The first line of {file} must name columns ({what}); there are {', '.join(COLUMNS)}.")


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | str]]:
    """Give each row that is not empty with the line on which it begins, or what is wrong with it."""
    begin = reader.line_num + 1  # type: ignore[attr-defined]  # what csv.reader returns has it
    while True:
        try:
            row: list[str] | str = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = str(error)
        if row:
            yield begin, row
        begin = reader.line_num + 1  # type: ignore[attr-defined]  # the same


def _of_row(where: str, columns: list[str], row: list[str] | str, folder: Path) -> Wanted | Unusable:
    if isinstance(row, str):
        return Unusable(where, f"no CSV: {row}")
    if len(row) > len(columns):
        return Unusable(where, f"{len(row)} fields, and {len(columns)} columns")
    try:
        return _wanted(where, dict(zip(columns, row, strict=False)), folder)
    except ValueError as error:
        return Unusable(where, str(error))


def _wanted(where: str, said: dict[str, str], folder: Path) -> Wanted:
    """Return what a row asks for; ValueError says what is wrong with it."""
    row = {name: said.get(name, "").strip() for name in COLUMNS}
    if bool(row["file"]) == bool(row["uri"]):
        raise ValueError("exactly one of file and uri must be there")
    if row["uri"] and not row["work_id"]:
        raise ValueError("a work by its uri needs a work_id")
    if row["uri"] and not is_uri(row["uri"]):
        raise ValueError(f"the uri {row['uri']} names no scheme")
    document = row["document"]
    return Wanted(
        where,
        row["uri"] or str((folder / said["file"]).absolute()),
        work_id=row["work_id"],
        title=row["title"] or ("" if row["uri"] else Path(row["file"]).stem),
        artists=_several(row["artists"]),
        isrc=row["isrc"],
        document=document if not document or is_uri(document) else str((folder / document).absolute()),
        signed_by=row["attested_by"],
        policy=_policy(row["policy"], row["territories"], row["excerpt_ms"]),
        valid_from=_time("valid_from", row["valid_from"]),
        valid_until=_time("valid_until", row["valid_until"]),
    )


def _policy(action: str, territories: str, excerpt_ms: str) -> Policy | None:
    if not action + territories + excerpt_ms:
        return None
    if action.upper() not in {"", *Policy.Action}:
        raise ValueError(f"the policy {action} is none of {', '.join(Policy.Action)}")
    if excerpt_ms and not (excerpt_ms.isascii() and excerpt_ms.isdigit()):
        raise ValueError(f"excerpt_ms is no number of milliseconds: {excerpt_ms}")
    countries = tuple(country.upper() for country in _several(territories))
    if wrong := [country for country in countries if not re.fullmatch("[A-Z]{2}", country)]:
        raise ValueError(f"territories are no two-letter countries: {', '.join(wrong)}")
    return Policy(Policy.Action(action.upper() or Policy.Action.BLOCK), countries, int(excerpt_ms or 0))


def _time(column: str, text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{column} is no time as 2026-12-31 or 2026-12-31T18:00:00Z: {text}") from None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _printable(name: str) -> str:
    """Return a name that JSON can hold: what is no UTF-8 in it is escaped."""
    return name.encode(errors="backslashreplace").decode()


def _bounded(found: Iterable[Wanted | Unusable], place: Path) -> list[Wanted | Unusable]:
    works = list(found)
    if len(works) > WORKS_MAX:
        raise ClientError(f"{place} has {len(works):,} works, and one run takes {WORKS_MAX:,}: split it.")
    return works
