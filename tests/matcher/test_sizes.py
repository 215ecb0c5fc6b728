"""The largest that there can be: ids in the worst of JSON's escapes, and terms of full size, in every listing."""

from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.inside import ContentCompared, ListingChanged
from services.contracts.rights import TERMS_BYTES_MAX, Terms
from services.contracts.sample import LIKENESSES_MAX
from services.contracts.topics import LISTINGS_CHANGED, MATCHES_FOUND, MATCHES_REVISED
from services.contracts.types import ID_CHARACTERS_MAX
from services.matcher.round import STEP_BYTES_MAX
from services.matcher.state import ENDED_MAX, LISTINGS_MAX, LOST_MAX
from services.runtime.outgoing import Sendable, checked_size
from services.runtime.planning import MESSAGE_BYTES_MAX
from services.runtime.store import changelog_key
from tests.deciding import Deciding
from tests.matcher.facts import DIGEST, Answer, answered, came, gone, lost, matcher, on, put
from tests.matcher.test_comparing import LIKENESS, resemblance, sampled

FILLING = Terms(accounts=("a" * (TERMS_BYTES_MAX - len(encode(Terms(accounts=("",))))),))


def long(name: str) -> str:
    """Return an id of full length, each of whose characters takes six bytes."""
    return name.rjust(ID_CHARACTERS_MAX, "\x01")


def worst(number: int, *, similar: bool) -> ListingChanged:
    """Return the put of a listing that is as large as can be."""
    one = replace(put(f"{long('label')}/{long(f'w{number}')}", reference_id=long("r")), terms=FILLING)
    return replace(one, version=2**62, terms_version=2**62, similar=similar, likeness=LIKENESS if similar else None)


def crowded() -> Deciding:
    """Return a matcher whose head is as large as can be: works that ended, claims that were lost, questions."""
    deciding = matcher()
    on(deciding, *(lost(f"other/{number}") for number in range(LOST_MAX)))
    for number in range(ENDED_MAX):
        work = f"{long('label')}/{long(f'e{number}')}"
        on(deciding, put(work), gone(work, reason="PROTECTED_CONTENT"))
    on(deciding, sampled("a"))
    (admission,) = (deciding.entry(DIGEST).comparison.admission,)
    ids = {"rightsholder_id": long("label"), "reference_id": long("r")}
    found = (replace(resemblance(), work_id=long(f"q{number}"), **ids) for number in range(LIKENESSES_MAX))
    on(deciding, ContentCompared(DIGEST, admission, tuple(found)))
    puts = (worst(number, similar=number < LIKENESSES_MAX) for number in range(LISTINGS_MAX))
    assert len(answered(on(deciding, *puts), Answer.APPLIED)) == LISTINGS_MAX
    return deciding


def test_the_terms_are_of_full_size() -> None:
    """Otherwise the tests below would show nothing."""
    assert len(encode(FILLING)) == TERMS_BYTES_MAX


def test_the_largest_head_and_the_largest_change_fit_into_a_record() -> None:
    """Large keys: 64 listings with all their terms, what ended, what was lost and what is asked: 1 MiB is enough."""
    deciding = crowded()
    head = deciding.store.get(DIGEST, "")
    assert checked_size("matcher.state", (changelog_key(DIGEST, ""), head, []), MESSAGE_BYTES_MAX) > 1_000_000
    put_at: Sendable = (DIGEST.encode(), encode(worst(1, similar=True)), [])
    assert checked_size(LISTINGS_CHANGED.name, put_at, MESSAGE_BYTES_MAX) < 32 * 1024


def test_what_copies_are_told_fits_into_a_record_and_its_step_is_bounded() -> None:
    """Fan-out: of so much only four copies are told in one step, those that waited for the comparison included."""
    deciding = crowded()
    on(deciding, *(came(long(f"u{number}")) for number in range(9)))
    answer = replace(worst(0, similar=True), admission=deciding.entry(DIGEST).comparison.admission)
    nothing = (
        replace(answer, change=ListingChanged.Change.NOTHING, work_id=long(f"q{number}"))
        for number in range(LIKENESSES_MAX)
    )
    steps = [on(deciding, *nothing), *(deciding.wake() for _ in range(5))]
    told = [[*step.of(MATCHES_FOUND), *step.of(MATCHES_REVISED)] for step in steps]
    assert [len(step) for step in told] == [0, 4, 4, 2, 0, 0]
    for step in told:
        sizes = [checked_size(MATCHES_FOUND.name, (one.upload_id.encode(), encode(one), []), 2**20) for one in step]
        assert sum(sizes) <= STEP_BYTES_MAX + 4 * 2_000
