"""`staydown works license|revoke|exclude|settle`: what a rightsholder allows, of a work or of everything they hold.

The catalogue variants are the same commands without a work.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter

from services.cli.options import (
    AS_USUAL,
    HERE,
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
from services.contracts.submitted import Exclude, License, Licensee, Release, Revoke, Settle

OneOrAll = Annotated[str, Parameter(help="Id of the work; everything they hold, now or later, unless given.")]


def one_licensee(_kind: Any, given: "Whom | None") -> None:
    """Refuse a licence for nobody, or for several at once."""
    if given is None or sum((bool(given.uploader), bool(given.community), given.platform)) != 1:
        raise ValueError("Name exactly one of --uploader, --community and --platform.")


@Parameter(name="*", validator=one_licensee)
@dataclass(frozen=True, slots=True)
class Whom:
    """Who may show it."""

    uploader: Annotated[str, Parameter(help="Who may show it: one uploader.")] = ""
    community: Annotated[str, Parameter(help="Who may show it: everybody in one community.")] = ""
    platform: Annotated[bool, Parameter(help="Who may show it: everybody.")] = False


NOBODY = Whom()
LicenceId = Annotated[
    str, Parameter("--license", help="Id of the licence; the same again replaces it.", show_default=False)
]


async def license_work(
    rightsholder: Rightsholder,
    *,
    licence: LicenceId,
    work: OneOrAll = "",
    whom: Whom = NOBODY,
    territory: Territory = (),
    excerpt: Annotated[
        Milliseconds, Parameter(help="Only an excerpt of so many milliseconds; all of it unless given.")
    ] = 0,
    valid_from: Annotated[Time, Parameter("--from")] = None,
    valid_until: Annotated[Time, Parameter("--until")] = None,
    how: Submitting = AS_USUAL,
    target: Target = HERE,
) -> int:
    """Let somebody show a work, or without --work everything: what was taken down and is covered comes back."""
    granted = License(
        license_id=licence,
        licensee=Licensee(whom.uploader, whom.community, whom.platform),
        territories=countries(territory),
        use=License.Use.EXCERPT if excerpt else License.Use.FULL,
        excerpt_ms_max=excerpt,
        valid_from=utc(valid_from),
        valid_until=utc(valid_until),
    )
    return await submit_action(target, how, (rightsholder, work), granted)


async def revoke(
    rightsholder: Rightsholder,
    *,
    licence: LicenceId,
    work: OneOrAll = "",
    how: Submitting = AS_USUAL,
    target: Target = HERE,
) -> int:
    """End a licence of a work, or without --work one for everything."""
    return await submit_action(target, how, (rightsholder, work), Revoke(licence))


async def exclude(
    rightsholder: Rightsholder,
    work: Work,
    *,
    reference: Annotated[str, Parameter(help="Id of the reference: the name of its file, unless given otherwise.")],
    start: Annotated[Milliseconds, Parameter(help="Where the part begins, in milliseconds.")] = 0,
    end: Annotated[Milliseconds, Parameter(help="Where it ends, in milliseconds.")],
    how: Submitting = AS_USUAL,
    target: Target = HERE,
) -> int:
    """Name a part of a reference that is not theirs: a sample, a loop, an advert."""
    part = Exclude(reference, start, end)
    return await submit_action(target, how, (rightsholder, work), part)


async def settle(
    rightsholder: Rightsholder,
    *,
    reason: Annotated[
        Release.Reason, Parameter("--reason", name_transform=str, help="Why everything is given free.")
    ] = Release.Reason.SETTLED,
    how: Submitting = AS_USUAL,
    target: Target = HERE,
) -> int:
    """Give free everything that they registered before: every block of theirs ends, backwards."""
    return await submit_action(target, how, (rightsholder, ""), Settle(reason))
