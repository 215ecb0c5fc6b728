"""`staydown works`: register and release works, and see how they stand."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from services.cli.files import document_of, references_of
from services.cli.licences import exclude, license_work, revoke, settle
from services.cli.options import (
    AS_USUAL,
    HERE,
    AsJson,
    Milliseconds,
    Rightsholder,
    Submitting,
    Target,
    Territory,
    Time,
    Work,
    countries,
    utc,
)
from services.cli.receipts import submit_action
from services.cli.terminal import say, show_table, shown_json, working
from services.cli.work_standing import rows
from services.client.errors import ClientError
from services.client.reading_back import standing_of
from services.contracts.submitted import Attestation, Policy, Register, Release

WORKS = App(name="works", help="Register, license and release works, and see how they stand.")
WORKS.command(license_work, name="license")
for action in (revoke, exclude, settle):
    WORKS.command(action)


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Rights:
    """What is to happen to copies, where, and how long."""

    policy: Annotated[Policy.Action, Parameter("--policy", name_transform=str, help="What to do with copies.")] = (
        Policy.Action.BLOCK
    )
    territory: Territory = ()
    excerpt: Annotated[Milliseconds, Parameter(help="How many milliseconds of it an upload may hold unhindered.")] = 0
    urgent: Annotated[bool, Parameter(help="Before others, such as a film that is in the cinemas.")] = False
    valid_from: Time = None
    valid_until: Time = None

    @property
    def asked(self) -> Policy:
        """The policy that this asks for."""
        return Policy(self.policy, countries(self.territory), self.excerpt, self.urgent)


ALL_RIGHTS = Rights()


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
    rights: Rights = ALL_RIGHTS,
    how: Submitting = AS_USUAL,
    target: Target = HERE,
) -> int:
    """Register a work: every copy of its files comes down, and stays down.

    Ends when the receipts are in: ACCEPTED (in force) and ENFORCED (all copies found), REJECTED with reasons, or HELD
    until a person has approved it.
    """
    with working("reading the files"):
        registration = Register(
            title=title,
            artists=artist,
            isrc=isrc,
            references=references_of(files, by_digest=by_digest),
            policy=rights.asked,
            documents=tuple(document_of(each) for each in document),
            attestation=_attestation(attest),
            valid_from=utc(rights.valid_from),
            valid_until=utc(rights.valid_until),
        )
    return await submit_action(target, how, (rightsholder, work), register=registration)


@WORKS.command
async def release(
    rightsholder: Rightsholder,
    work: Work,
    *,
    reason: Annotated[
        Release.Reason, Parameter("--reason", name_transform=str, help="Why it is given free.")
    ] = Release.Reason.WITHDRAWN,
    how: Submitting = AS_USUAL,
    target: Target = HERE,
) -> int:
    """Give a work free: what was taken down for it comes back."""
    return await submit_action(target, how, (rightsholder, work), release=Release(reason))


@WORKS.command
async def status(rightsholder: Rightsholder, work: Work, *, as_json: AsJson = False, target: Target = HERE) -> None:
    """Tell how a work stands: whether it is in force, the copies found, the re-uploads refused so far."""
    with working("reading submissions, receipts and takedowns"):
        standing = await standing_of(target.bootstrap, rightsholder, work)
    if standing.last is None:
        raise ClientError(f"Nothing was ever answered about a work {work} of {rightsholder}.")
    if as_json:
        say(shown_json(msgspec.json.encode(standing).decode()))
    else:
        show_table(("", ""), rows(standing))


def _attestation(name: str) -> Attestation | None:
    return Attestation(exclusive=True, accurate=True, good_faith=True, signed_by=name) if name else None
