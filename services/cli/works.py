"""`staydown works`: register and release works, and see how they stand."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from cyclopts.types import PositiveFloat

from services.cli.archive import VARIABLE
from services.cli.bulk import ONE, Many, register_many
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
from services.cli.recorded import recorded_standing
from services.cli.terminal import say, show_table, shown_json, working
from services.cli.work_standing import rows
from services.client import ClientError, Common, Staydown, registration
from services.client.reading_back import READ_SECONDS
from services.contracts.submitted import Policy, Release
from services.runtime.variables import own

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


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Claim:
    """What shows the right, and who answers for it."""

    document: Annotated[tuple[Path, ...], Parameter(help="File that shows the right; may be repeated.")] = ()
    attest: Annotated[
        str,
        Parameter(
            help="Your name, by which you declare: the right is exclusive, what you say is accurate, you act in good "
            "faith."
        ),
    ] = ""
    by_digest: Annotated[bool, Parameter(help="Hash the files here and send only what identifies their bytes.")] = False


BARE_CLAIM = Claim()


@WORKS.command
async def register(
    *files: Annotated[str, Parameter(help="Files of the work, or URIs; the cluster must be able to read them.")],
    rightsholder: Rightsholder,
    work: Annotated[str, Parameter(help="Id of the work, unique within the rightsholder.")] = "",
    title: Annotated[str, Parameter(help="Title of the work.")] = "",
    artist: Annotated[tuple[str, ...], Parameter(help="Who made it; may be repeated.")] = (),
    isrc: Annotated[str, Parameter(help="International Standard Recording Code.")] = "",
    claim: Claim = BARE_CLAIM,
    many: Many = ONE,
    rights: Rights = ALL_RIGHTS,
    how: Submitting = AS_USUAL,
    target: Target = HERE,
) -> int:
    """Register a work: every copy of its files comes down, and stays down. Or, by --from or --csv, many works.

    Ends when the receipts are in: ACCEPTED (in force) and ENFORCED (all copies found), REJECTED with reasons, or HELD
    until a person has approved it. Of many works a table tells what became of each; a second run submits only what is
    new, was refused, or ended since.
    """
    if many.are_asked_for:
        many.check(one=(*files, work, title, *artist, isrc, how.submission), document=claim.document)
        return await register_many(target, how, rightsholder, many, _common(claim, rights))
    if not (work and title):
        raise ClientError("Name --work and --title, or a folder by --from or a list by --csv.")
    common = _common(claim, rights)
    with working("reading the files"):
        registered = registration(
            title,
            files,
            documents=claim.document,
            signed_by=common.signed_by,
            by_digest=common.by_digest,
            policy=common.policy,
            artists=artist,
            isrc=isrc,
            valid_from=common.valid_from,
            valid_until=common.valid_until,
        )
    return await submit_action(target, how, (rightsholder, work), registered)


def _common(claim: Claim, rights: Rights) -> Common:
    return Common(
        document=next(iter(claim.document), None),
        signed_by=claim.attest,
        policy=rights.asked,
        by_digest=claim.by_digest,
        valid_from=utc(rights.valid_from),
        valid_until=utc(rights.valid_until),
    )


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
    return await submit_action(target, how, (rightsholder, work), Release(reason))


@WORKS.command
async def status(
    rightsholder: Rightsholder,
    work: Work,
    *,
    as_json: AsJson = False,
    timeout: Annotated[PositiveFloat, Parameter(help="Seconds to read what was said at most.")] = READ_SECONDS,
    target: Target = HERE,
) -> None:
    """Tell how a work stands: whether it is in force, copies found, re-uploads refused so far, disputes.

    With STAYDOWN_ARCHIVE_URL the readable record is asked, otherwise all that was said is read from the topics.
    """
    with working("reading submissions, receipts, takedowns and disputes"):
        if archive := own(VARIABLE, os.environ.get(VARIABLE, "")):
            standing = await recorded_standing(archive, target.state, (rightsholder, work), timeout)
        else:
            async with Staydown(target.bootstrap) as staydown:
                standing = await staydown.standing(rightsholder, work, timeout)
    if standing.last is None:
        raise ClientError(f"Nothing was ever answered about a work {work} of {rightsholder}.")
    if as_json:
        say(shown_json(msgspec.json.encode(standing).decode()))
    else:
        show_table(("", ""), rows(standing))
