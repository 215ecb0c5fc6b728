"""`staydown strikes`: who stands otherwise than ordinarily, and how long."""

from cyclopts import App

from services.cli.options import HERE, AsJson, Target
from services.cli.terminal import say, show_table, shown_json, times, working
from services.client.reading_back import all_said
from services.contracts.codec import encode
from services.contracts.standing import StrikesChanged
from services.contracts.topics import STRIKES_CHANGED

Standing = StrikesChanged.Standing
ORDINARY = frozenset({Standing.GOOD, Standing.TRUSTED})

STRIKES = App(name="strikes", help="See who stands otherwise than ordinarily.")


@STRIKES.command(name="list")
async def list_strikes(*, as_json: AsJson = False, target: Target = HERE) -> None:
    """Tell who is watched, restricted or on probation for strikes, and until when; with --json one object a line."""
    latest: dict[tuple[str, str], StrikesChanged] = {}
    with working("reading strikes"):
        async for each in all_said(target.bootstrap, STRIKES_CHANGED):
            if each.fact is not None:
                latest[each.fact.subject.kind, each.fact.subject.id] = each.fact
    found = [fact for _, fact in sorted(latest.items()) if fact.standing not in ORDINARY]
    if as_json:
        for fact in found:
            say(shown_json(encode(fact).decode()))
        return
    if not found:
        say("nobody stands otherwise than ordinarily")
        return
    show_table(("who", "id", "standing", "strikes", "until"), [_row(fact) for fact in found])


def _row(fact: StrikesChanged) -> tuple[str, str, str, str, str]:
    until = "" if fact.expires_at is None else times(fact.expires_at)
    return fact.subject.kind, fact.subject.id, fact.standing, str(fact.strikes), until
