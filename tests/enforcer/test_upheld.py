"""Claims that were upheld: decided for this upload and these bytes, so that only a counter-notice is left."""

from msgspec.structs import replace

from tests.deciding import digest
from tests.enforcer.facts import HIT, on, read, submission
from tests.enforcer.objecting import SECOND, at, counter, court, dispute, only, release, stages, uphold, withdraw
from tests.enforcer.rights import PLAINLY_BLOCKED, found, licensed, listed, outcome

DECIDED = "the claimant has upheld it already"


def test_what_was_upheld_is_disputed_no_more_but_by_a_counter_notice() -> None:
    """Else a claimant would have to answer for ever: not submitted anew either, nor when it came down again."""
    deciding = at(dispute(), uphold(), withdraw())
    on(deciding, submission(title="Mine"), read("song", 5), found(listed(), version=2, submission=5))
    assert DECIDED in only(on(deciding, dispute("e"))).text
    on(deciding, found(version=3, submission=5), found(listed(), version=4, submission=5))
    assert DECIDED in only(on(deciding, dispute("e"))).text
    on(deciding, counter("e"))
    assert stages(deciding) == {"e": ["COUNTERED"]}


def test_what_was_upheld_is_one_claim_on_these_bytes() -> None:
    """Another work on the upload can be disputed, and so can the same work on other bytes."""
    deciding = at(dispute(), uphold(), withdraw(), dispute("e"), works=(HIT, SECOND))
    assert stages(deciding) == {"d": [], "e": ["OPEN"]}
    on(deciding, release("studio", "e"))
    assert outcome(deciding) == PLAINLY_BLOCKED
    deciding = at(dispute(), uphold(), withdraw())
    on(deciding, read("other"), read("other", attempt=1), replace(found(listed()), digest=digest("other")))
    assert outcome(deciding) == PLAINLY_BLOCKED
    on(deciding, dispute("e"))
    assert stages(deciding) == {"e": ["OPEN"]}


def test_a_claim_that_a_court_is_to_decide_is_disputed_no_more() -> None:
    """Whoever has gone to court has upheld the claim, also when it is down again after a licence was revoked."""
    deciding = at(counter(), court())
    on(deciding, found(listed(HIT, licensed()), version=2), found(listed(), version=3))
    assert DECIDED in only(on(deciding, dispute("e"))).text
