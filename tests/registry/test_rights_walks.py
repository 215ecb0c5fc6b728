"""Random walks through all that a rightsholder can do: each is answered once, and what is listed is what holds."""

from collections import Counter, defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.contracts.inside import ListingApplied, ListingChanged, ReferenceRead, ReferenceRequested
from services.contracts.objections import ReviewSubmitted
from services.contracts.processor import Emit
from services.contracts.reading import Failure
from services.contracts.rights import Terms
from services.contracts.submitted import Enroll, Policy, RightsholderSubmitted, WorkSubmitted
from services.contracts.topics import LISTINGS_CHANGED, NOTICES_ISSUED, REFERENCES_REQUESTED, WORKS_RECEIPTS
from services.registry import catalogue, likenesses
from services.registry.registrations import Stage
from services.registry.rights import terms_of
from services.registry.state import Rightsholder, Work
from tests.deciding import PARTITION, Deciding, content
from tests.registry.facts import (
    LABEL,
    Answer,
    Change,
    Status,
    by_digest,
    by_file,
    enrolment,
    excludes,
    head,
    licenses,
    licenses_all,
    registers,
    registry,
    releases,
    reply,
    reviews,
    revokes,
    settles,
)
from tests.registry.test_likenesses import SAMPLE, resembles
from tests.registry.test_probation import judged
from tests.registry.test_walks import named

WORKS = ("hit", "b/side", "x")
FINAL = {Status.ACCEPTED, Status.REJECTED, Status.RELEASED, Status.LICENSED, Status.REVOKED, Status.EXCLUDED}
LABELS = st.sampled_from("abc")
IDS = st.integers(0, 10**9).map(lambda number: f"s{number}")
LICENCES = st.sampled_from(("l1", "l2"))
WORK = st.sampled_from(WORKS)
REFERENCES = st.lists(
    st.builds(by_digest, LABELS) | st.builds(by_file, LABELS), min_size=1, max_size=3, unique_by=named
)
POLICIES = st.sampled_from((None, Policy(Policy.Action.REVIEW), Policy(territories=("DE",))))
REGISTERS = st.builds(
    lambda name, references, work, policy: registers(name, *references, work_id=work, policy=policy),
    IDS,
    REFERENCES,
    WORK,
    POLICIES,
)


def of_work(fact: WorkSubmitted, work_id: str) -> WorkSubmitted:
    """Return the same of another work."""
    return replace(fact, work_id=work_id)


ACTIONS = st.one_of(
    REGISTERS,
    REGISTERS,
    st.builds(of_work, st.builds(releases, IDS), WORK),
    st.builds(licenses, IDS, LICENCES, WORK),
    st.builds(revokes, IDS, LICENCES, WORK | st.just("")),
    st.builds(of_work, st.builds(excludes, IDS, LABELS), WORK),
    st.builds(licenses_all, IDS, LICENCES),
    st.builds(settles, IDS),
)
OTHERS = st.one_of(
    st.builds(
        lambda found, work: replace(found, work_id=work), st.builds(resembles, LABELS, st.sampled_from("xyz")), WORK
    ),
    st.builds(
        lambda name, accounts, standing: enrolment(submission_id=name, accounts=accounts, standing=standing),
        IDS,
        st.sampled_from(((), ("own",))),
        st.sampled_from(list(Enroll.Standing)),
    ),
    st.builds(judged, st.sampled_from(("PROBATION", "TRUSTED"))),
)
DECISIONS = st.sampled_from([one.value for one in ReviewSubmitted.Answer])


class Walk:
    """A registry, a matcher and a hasher that answer in any order that keys allow, and somebody who reviews."""

    def __init__(self, draw: st.DataObject, facts: list[object]) -> None:
        self.draw = draw
        self.deciding = registry()
        self.facts = facts
        self.listed: dict[tuple[str, str, str], ListingChanged] = {}
        self.answers: defaultdict[str, list[object]] = defaultdict(list)
        """What is to be answered, in its order, by whom: of each content, and of each read."""
        self.reviewed = 0

    def run(self) -> None:
        """Let everything happen, and then all that follows from it; at last everything held is decided."""
        while self.facts or self.answers or self._wakes() or self._review():
            choices = [*(["fact"] if self.facts else []), *self.answers, *(["wake"] if self._wakes() else [])]
            if choices:
                self._happen(self.draw.draw(st.sampled_from(choices)))
            assert len(self.deciding.log) < 5_000, "no end"

    def _wakes(self) -> bool:
        due = self.deciding.store.next_due()
        return due is not None and due <= self.deciding.now + 3_600_000

    def _happen(self, choice: str) -> None:
        before = len(self.deciding.log)
        if choice == "wake":
            due = self.deciding.store.next_due()
            assert due is not None
            self.deciding.now = max(due, self.deciding.now)
            self.deciding.wake()
        else:
            queue = self.facts if choice == "fact" else self.answers[choice]
            self.deciding.on(LABEL, queue.pop(0))
            self.answers = defaultdict(list, {name: queue for name, queue in self.answers.items() if queue})
        for emit in self.deciding.log[before:]:
            self._answer(emit)

    def _answer(self, emit: Emit) -> None:
        fact = emit.fact
        if emit.topic is REFERENCES_REQUESTED:
            assert isinstance(fact, ReferenceRequested)
            self.answers[f"read {fact.work_id} {fact.reference_id}"].append(self._read(fact))
        if emit.topic is LISTINGS_CHANGED:
            assert isinstance(fact, ListingChanged)
            assert fact.rightsholder_partition == PARTITION
            self.answers[fact.digest] += self._match(fact)
            if not self.answers[fact.digest]:
                del self.answers[fact.digest]

    def _read(self, asked: ReferenceRequested) -> ReferenceRead:
        ids = (LABEL, asked.work_id, asked.reference_id, asked.registration, asked.attempt)
        if self.draw.draw(st.integers(0, 5)) == 0:
            return ReferenceRead(*ids, failure=Failure.NOT_ALLOWED)
        return ReferenceRead(*ids, content=content(asked.reference_id), sample=SAMPLE)

    def _match(self, change: ListingChanged) -> list[ListingApplied]:
        """Return what the matcher answers: nothing to what it has already, in this version and with these terms."""
        name = (change.work_id, change.reference_id, change.digest)
        known = self.listed.get(name)
        if change.change is Change.COUNTED:
            which = self.draw.draw(st.sampled_from((Answer.COUNTED, Answer.COUNTED, Answer.COUNTED, Answer.PROTECTED)))
            return [reply(change, which, self.draw.draw(st.sampled_from((0, 5, 11))))]
        if change.change is Change.ENDED:
            if known is not None and known.version <= change.version:
                del self.listed[name]
            return [reply(change, Answer.REMOVED)]
        if change.change is not Change.LISTED:
            return []
        if known is not None and (known.version, known.terms_version) >= (change.version, change.terms_version):
            return []
        if known is None and self.draw.draw(st.integers(0, 9)) == 0:
            return [reply(change, self.draw.draw(st.sampled_from((Answer.REFUSED, Answer.PROTECTED))))]
        self.listed[name] = change
        return [reply(change, Answer.APPLIED), reply(change, Answer.ENFORCED)]

    def _review(self) -> bool:
        """Decide about something that is held, if there is anything."""
        held = [(name, work.pending) for name, work in works(self.deciding).items() if work.pending is not None]
        for work_id, pending in held:
            self.reviewed += 1
            decision = self.draw.draw(DECISIONS)
            self.facts.append(reviews(decision, pending.submission_id, f"r{self.reviewed}", work_id))
        return bool(held)


def works(deciding: Deciding) -> dict[str, Work]:
    """Return all works that are kept."""
    names = [name for name, _ in deciding.store.after(LABEL, "work/", 99)]
    return {name.removeprefix("work/"): deciding.entry(LABEL, name) for name in names}


def check_answers(walk: Walk, submissions: list[WorkSubmitted]) -> None:
    """Check one final receipt for each, and no notice for a review of what was held."""
    receipts = walk.deciding.said(WORKS_RECEIPTS)
    final = Counter(one.submission_id for one in receipts if one.status in FINAL)
    assert final == Counter({one.submission_id: 1 for one in submissions})
    others = Counter((one.submission_id, one.status) for one in receipts if one.status not in FINAL)
    assert set(others.values()) <= {1}
    assert walk.deciding.said(NOTICES_ISSUED) == []


def check_listed(walk: Walk) -> None:
    """Check that the matcher has listed what is in force, each with the terms that hold now."""
    label: Rightsholder = head(walk.deciding)
    expected = {}
    for work_id, work in works(walk.deciding).items():
        assert work.current is not None
        assert work.current.number > label.settled
        terms = terms_of(label, work, work.current)
        for one in work.current.references:
            expected[work_id, one.reference_id, one.digest] = terms
        resembling = [one for one in walk.listed.items() if one[0][0] == work_id and one[1].similar]
        expected |= dict.fromkeys((name for name, _ in resembling), terms)
    assert {name: _of_listed(one.terms, walk, name[0]) for name, one in walk.listed.items()} == expected


def _of_listed(terms: Terms, walk: Walk, work_id: str) -> Terms:
    """Leave out what is excluded of a reference that was refused after it was said: it excludes nothing."""
    listed = {reference_id for work, reference_id, _ in walk.listed if work == work_id}
    return replace(terms, excluded=tuple(one for one in terms.excluded if one.reference_id in listed))


def check_rest(walk: Walk) -> None:
    """Check that nothing is under way any more, and nothing is counted that is not there."""
    label = head(walk.deciding)
    assert (label.held, label.wholes, label.sweep) == (0, (), None)
    for work in works(walk.deciding).values():
        assert work.is_free
        assert (work.pending, work.queue, work.doing, work.sweep, work.awaited) == (None, (), None, None, False)
        assert work.current is not None
        assert work.current.stage is Stage.IN_FORCE
    likes = list(walk.deciding.store.after(LABEL, "like/", 999))
    assert len(likes) == sum(work.likenesses for work in works(walk.deciding).values())
    assert list(walk.deciding.store.after(LABEL, "sample/", 9)) == []


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(ACTIONS, ACTIONS, OTHERS), max_size=20, unique_by=lambda one: getattr(one, "submission_id", one)
    ),
    st.data(),
)
def test_all_that_is_said_is_answered_once_and_holds_in_the_end(facts: list[object], draw: st.DataObject) -> None:
    """However actions, reads, counts, answers, sweeps and reviews are mixed."""
    steps = (likenesses.LIKENESSES_PER_STEP, catalogue.WORKS_PER_STEP)
    likenesses.LIKENESSES_PER_STEP = catalogue.WORKS_PER_STEP = 1
    try:
        walk = Walk(draw, list(facts))
        walk.run()
    finally:
        likenesses.LIKENESSES_PER_STEP, catalogue.WORKS_PER_STEP = steps
    check_answers(walk, [one for one in facts if isinstance(one, WorkSubmitted)])
    check_rest(walk)
    check_listed(walk)
    assert not any(isinstance(one, RightsholderSubmitted) for one in walk.facts)
