"""`staydown uploads`: submit and delete uploads as an upload pipeline would."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from cyclopts import App, Parameter

from services.cli.options import HERE, Target, Territory, Timeout, Upload, countries
from services.cli.sending import say_sent
from services.cli.terminal import say, working
from services.cli.verdicts import line_of
from services.client import Staydown
from services.client.files import content_of, is_uri, local, media_type_of, uri_of
from services.client.pending import VERDICT_SECONDS
from services.contracts.submitted import UploadSubmitted
from services.runtime.address import Address

UPLOADS = App(name="uploads", help="Submit and delete uploads, as an upload pipeline would.")
Wait = Annotated[bool, Parameter(help="Wait for the verdict and tell it.")]


@UPLOADS.command
async def submit(
    file: Annotated[str, Parameter(help="File, or a URI that the cluster can read.")],
    *,
    uploader: Annotated[str, Parameter(help="Id of who uploads.")],
    upload: Annotated[str | None, Parameter(help="Id of the upload; a new one unless given.")] = None,
    community: Annotated[str, Parameter(help="Id of the community that it is posted in.")] = "",
    title: Annotated[str, Parameter(help="Title.")] = "",
    artist: Annotated[str, Parameter(help="Artist.")] = "",
    territory: Territory = (),
    media_type: Annotated[str | None, Parameter(help="Media type; by the file's name unless given.")] = None,
    with_content: Annotated[bool, Parameter(help="Hash the file here and send its identity along.")] = False,
    wait: Wait = False,
    timeout: Timeout = VERDICT_SECONDS,
    target: Target = HERE,
) -> None:
    """Submit an upload."""
    content = content_of(local(file)) if with_content else None
    fact = UploadSubmitted(
        upload_id=f"u-{uuid4().hex[:12]}" if upload is None else upload,
        uploader_id=uploader,
        uri=file if is_uri(file) else uri_of(Path(file)),
        community_id=community,
        media_type=media_type_of(file) if media_type is None else media_type,
        title=title,
        artist=artist,
        territories=countries(territory),
        submitted_at=datetime.now(UTC),
        content=content,
    )
    await _send(fact.upload_id, fact, target.bootstrap, timeout if wait else None)


@UPLOADS.command
async def delete(
    upload: Upload, *, wait: Wait = False, timeout: Timeout = VERDICT_SECONDS, target: Target = HERE
) -> None:
    """Delete an upload, as its owner does; its verdict is taken back."""
    await _send(upload, None, target.bootstrap, timeout if wait else None)


async def _send(upload: str, fact: UploadSubmitted | None, kafka: Address, seconds: float | None) -> None:
    async with Staydown(kafka) as staydown:
        if seconds is None:
            say_sent(await (staydown.submit(fact) if fact else staydown.delete(upload)), upload_id=upload)
            return
        pending = await staydown.post(upload, fact)
        started = time.monotonic()
        say_sent(pending.sent, upload_id=upload)
        with working(f"waiting up to {seconds:g} s for the verdict"):
            verdict = await pending.verdict(seconds)
    say(f"{line_of(upload, verdict)} (after {time.monotonic() - started:.2f} s)")
