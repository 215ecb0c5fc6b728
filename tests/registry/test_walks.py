"""Random walks: the registry is total, says everything once, and answers every submission once."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.contracts.inside import ListingChanged, ReferenceRequested, ResemblanceFound
from services.contracts.processor import Emit
from services.contracts.reading import Failure
from services.contracts.submitted import Reference, WorkSubmitted, WorkUnreadable
from services.contracts.topics import LISTINGS_CHANGED, REFERENCES_REQUESTED, WORKS_RECEIPTS
from services.registry.state import REMEMBERED_MS
from tests.deciding import Deciding
from tests.registry.facts import (
    LABEL,
    Answer,
    Status,
    answer,
    by_digest,
    by_file,
    enrolment,
    in_force,
    read,
    registers,
    registry,
    releases,
)
from tests.registry.test_likenesses import removed, resembles, sampled
from tests.registry.test_standing import restores, suspends


def named(reference: Reference) -> str:
    """Return a reference's name, which is unique within its work."""
    return reference.reference_id


LABELS = st.sampled_from("abc")
IDS = st.sampled_from([f"s{number}" for number in range(9)])
SMALL = st.integers(0, 3)
REFERENCES = st.lists(st.builds(by_digest, LABELS) | st.builds(by_file, LABELS), max_size=3, unique_by=named)
ACTIONS = st.one_of(
    st.builds(lambda name, references: registers(name, *references), IDS, REFERENCES),
    st.builds(releases, IDS),
)
UNREADABLE = st.builds(WorkUnreadable, st.just(LABEL), IDS, st.just("hit"), st.just(""), st.just("?"), LABELS)
SUBMISSIONS = st.one_of(ACTIONS, ACTIONS, ACTIONS, UNREADABLE)
FACTS = st.one_of(
    SUBMISSIONS,
    st.builds(read, LABELS, LABELS | st.sampled_from(list(Failure)), SMALL, SMALL),
    st.builds(sampled, LABELS, LABELS, SMALL),
    st.builds(answer, st.sampled_from(list(Answer)), LABELS, SMALL, SMALL),
    st.builds(resembles, LABELS, LABELS, SMALL, LABELS),
    st.builds(removed, LABELS, LABELS, SMALL),
    st.builds(enrolment, st.just(LABEL), IDS),
    st.builds(suspends, IDS),
    st.builds(restores, IDS),
)
FINAL = (Status.ACCEPTED, Status.REJECTED, Status.RELEASED)


@settings(max_examples=200)
@given(st.booleans(), st.lists(st.one_of(FACTS, st.integers(0, 60_000)), max_size=30))
def test_any_facts_in_any_order_are_decided_and_once(begins_in_force: bool, facts: list[object]) -> None:
    """Poison: no exception on any fact; a fact decided again at once says nothing. A number is time that passes.

    A resemblance is answered in any case, and so leaves no trace.
    """
    deciding = in_force("a", "b") if begins_in_force else registry()
    for fact in facts:
        if isinstance(fact, int):
            deciding.pass_time(fact)
            continue
        event = deciding.event(LABEL, fact)
        deciding.decide(event)
        again = deciding.decide(event)
        assert again == () or isinstance(fact, ResemblanceFound), f"{fact} was answered twice"
    deciding.pass_time(REMEMBERED_MS)
    assert deciding.store.next_due() is None


def reply(emit: Emit, draw: st.DataObject) -> list[object]:
    """Return what hasher or matcher answer, in their order; a file may be what it likes each time it is read."""
    fact = emit.fact
    if isinstance(fact, ReferenceRequested):
        found = draw.draw(st.sampled_from(("a", "b", "c", Failure.SLOW, Failure.NOT_FOUND, Failure.NOT_ALLOWED)))
        return [read(fact.reference_id, found, fact.registration, fact.attempt)]
    assert isinstance(fact, ListingChanged)
    answers: tuple[Answer, ...] = (Answer.REMOVED,)
    if fact.listed:
        answers = draw.draw(st.sampled_from(((Answer.REFUSED,), (Answer.APPLIED, Answer.CONFLICTED, Answer.ENFORCED))))
    return [replace(answer(one, fact.reference_id, fact.version), digest=fact.digest) for one in answers]


@settings(max_examples=150)
@given(st.lists(SUBMISSIONS, max_size=15), st.data())
def test_every_submission_is_answered_once_for_each_content(
    submissions: list[WorkSubmitted | WorkUnreadable], draw: st.DataObject
) -> None:
    """G3: one final receipt per submission_id and content, however questions, answers and actions are mixed."""
    deciding, waiting, facts = registry(), list(submissions), list[object]()
    while waiting or facts or deciding.store.next_due() is not None:
        before = len(deciding.log)
        if waiting and (not facts or draw.draw(st.booleans())):
            deciding.on(LABEL, waiting.pop(0))
        elif facts:
            deciding.on(LABEL, facts.pop(0))
        else:
            deciding.pass_time(120_000)
            if len(deciding.log) == before:
                break
        for emit in deciding.log[before:]:
            if emit.topic in (REFERENCES_REQUESTED, LISTINGS_CHANGED):
                facts += reply(emit, draw)
    _check_receipts(deciding, submissions)


def _check_receipts(deciding: Deciding, submissions: list[WorkSubmitted | WorkUnreadable]) -> None:
    receipts = deciding.said(WORKS_RECEIPTS)
    final = Counter(one.submission_id for one in receipts if one.status in FINAL)
    assert final == Counter({name: len(contents) for name, contents in _contents(submissions).items()})
    followed = Counter((one.submission_id, one.status) for one in receipts if one.status not in FINAL)
    assert set(followed.values()) <= {1}
    accepted = {one.submission_id for one in receipts if one.status is Status.ACCEPTED}
    assert {name for name, _ in followed} <= accepted


def _contents(submissions: list[WorkSubmitted | WorkUnreadable]) -> dict[str, set[object]]:
    contents: dict[str, set[object]] = {}
    for one in submissions:
        contents.setdefault(one.submission_id, set()).add(one.digest if isinstance(one, WorkUnreadable) else one)
    return contents
