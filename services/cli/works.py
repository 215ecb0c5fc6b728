"""`staydown works`: register and release works, and see how they stand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import msgspec
from cyclopts import App, Parameter

from services.cli.files import document_of, references_of
from services.cli.options import HERE, AsJson, Target, Timeout
from services.cli.receipts import submit
from services.cli.terminal import say, show_table, shown_json, working
from services.client.errors import ClientError
from services.client.reading_back import standing_of
from services.client.standing import WorkStanding
from services.contracts.submitted import Attestation, Register, Release, WorkSubmitted

# A reference that cannot be read at once is tried again for half a minute.
TIMEOUT_SECONDS = 60.0

WORKS = App(name="works", help="Register and release works, and see how they stand.")
Rightsholder = Annotated[str, Parameter(help="Id of the rightsholder.")]
Work = Annotated[str, Parameter(help="Id of the work, unique within the rightsholder.")]


@WORKS.command
async def register(
    *files: Annotated[str, Parameter(help="Files of the work, or URIs; the cluster must be able to read them.")],
    rightsholder: Rightsholder,
    work: Work,
    title: Annotated[str, Parameter(help="Title of the work.")],
    document: Annotated[tuple[Path, ...], Parameter(help="File that shows the right; may be repeated.")] = (),
    attest: Annotated[
        str,
        Parameter(
            help="Your name, by which you declare: the right is exclusive, what you say is accurate, you act in good "
            "faith."
        ),
    ] = "",
    artist: Annotated[tuple[str, ...], Parameter(help="Who made it; may be repeated.")] = (),
    isrc: Annotated[str, Parameter(help="International Standard Recording Code.")] = "",
    by_digest: Annotated[
        bool, Parameter(help="Hash the files here and send only what identifies their bytes.")
    ] = False,
    submission: Annotated[str | None, Parameter(help="Idempotency key; a new one unless given.")] = None,
    timeout: Timeout = TIMEOUT_SECONDS,
    target: Target = HERE,
) -> int:
    """Register a work: every copy of its files comes down, and stays down.

    Ends when the receipts are in: ACCEPTED (in force) and ENFORCED (all copies found), or REJECTED with reasons.
    """
    with working("reading the files"):
        registration = Register(
            title=title,
            artists=artist,
            isrc=isrc,
            references=references_of(files, by_digest=by_digest),
            documents=tuple(document_of(each) for each in document),
            attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by=attest)
            if attest
            else None,
        )
    fact = WorkSubmitted(rightsholder, submission or str(uuid4()), work, datetime.now(UTC), register=registration)
    return await submit(fact, target.bootstrap, timeout)


@WORKS.command
async def release(
    rightsholder: Rightsholder,
    work: Work,
    *,
    reason: Annotated[
        Release.Reason, Parameter("--reason", name_transform=str, help="Why it is given free.")
    ] = Release.Reason.WITHDRAWN,
    submission: Annotated[str | None, Parameter(help="Idempotency key; a new one unless given.")] = None,
    timeout: Timeout = TIMEOUT_SECONDS,
    target: Target = HERE,
) -> int:
    """Give a work free: what was taken down for it comes back."""
    fact = WorkSubmitted(rightsholder, submission or str(uuid4()), work, datetime.now(UTC), release=Release(reason))
    return await submit(fact, target.bootstrap, timeout)


@WORKS.command
async def status(rightsholder: Rightsholder, work: Work, *, as_json: AsJson = False, target: Target = HERE) -> None:
    """Tell how a work stands: whether it is in force, the copies found, the re-uploads refused so far."""
    with working("reading receipts and takedowns"):
        standing = await standing_of(target.bootstrap, rightsholder, work)
    if standing.last is None:
        raise ClientError(f"Nothing was ever answered about a work {work} of {rightsholder}.")
    if as_json:
        say(shown_json(msgspec.json.encode(standing).decode()))
    else:
        show_table(("", ""), _rows(standing))


def _rows(standing: WorkStanding) -> list[tuple[str, str]]:
    last = standing.last
    assert last is not None, "asked by its caller"  # noqa: S101  # an invariant
    since = "" if standing.since is None else f" since {standing.since:%Y-%m-%d %H:%M:%S} UTC"
    state = f"in force{since}" if standing.in_force else f"not in force{since}"
    reasons = "".join(f" [{', '.join(last.reasons)}]" if last.reasons else "")
    return [
        ("status", state + (", also listed by somebody else" if standing.conflicted else "")),
        ("last receipt", f"{last.status}{reasons} for {last.submission_id}"),
        ("copies found", f"{standing.copies_found}{'' if standing.enforced or not standing.in_force else ' so far'}"),
        ("taken down", str(standing.taken_down)),
        ("refused re-uploads", str(standing.refused)),
        ("down now", str(standing.down_now)),
        ("reinstated", str(standing.reinstated)),
    ]
