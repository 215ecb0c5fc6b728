"""What must hold of files that are alike: on the way to a verdict, and in what the services keep."""

import math
from collections import Counter
from collections.abc import Mapping

from services.contracts.decided import WorkReceipt
from services.contracts.inside import (
    ContentAdmitted,
    ContentCompared,
    ListingChanged,
    MatchFound,
    ResemblanceFound,
)
from services.contracts.sample import Likeness, Sample, digests_of
from services.contracts.topics import (
    CONTENTS_ADMITTED,
    CONTENTS_COMPARED,
    LISTINGS_CHANGED,
    MATCHES_FOUND,
    MATCHES_REVISED,
    RESEMBLANCES_FOUND,
)
from services.matcher.state import Digest
from services.recogniser.state import Sampled, Tally, Walk
from services.registry import state as registry
from tests.simulator.likeness import likeness, samples
from tests.simulator.log import Log
from tests.simulator.rights import InForce, Work, listings_of
from tests.simulator.sayings import actions

Question = tuple[str, str, str, str, int]


def check_likenesses(log: Log, in_force: Mapping[Work, InForce]) -> None:
    """G1, G2, G5: what is alike is listed while that holds and no longer; nobody is told before it is known."""
    asked = _check_questions(log)
    _check_told(log, asked)
    alive = _check_matcher(log, in_force)
    _check_recogniser(log, alive, in_force)
    _check_registry(log, in_force)


def _check_questions(log: Log) -> dict[Question, float]:
    """Check that every resemblance is one by the samples, and is answered once; return when each was answered."""
    asked, answers = Counter[Question](), Counter[Question]()
    when: dict[Question, float] = {}
    for written in log.written(RESEMBLANCES_FOUND):
        one = written.fact
        assert isinstance(one, ResemblanceFound)
        assert _is_so(one), f"{one} is not so"
        asked[_question(one)] += 1
    for written in log.written(LISTINGS_CHANGED):
        change = written.fact
        assert isinstance(change, ListingChanged)
        if change.similar and (change.listed or change.version < 0):
            answers[_question(change)] += 1
            when[_question(change)] = written.step
    assert asked.keys() <= answers.keys(), f"asked {asked}, answered {answers}"
    for question, times in answers.items():
        is_again = question[-1] < 0  # what was listed may be put again, with other terms, without a question
        assert times == asked[question] or (is_again and times > asked[question]), f"{question} answered {times} times"
    return when


def _is_so(one: ResemblanceFound) -> bool:
    """Tell whether it is what they share, or what those parts of the index know that have met both so far."""
    whole = likeness(one.digest, one.reference_digest)
    return whole is not None and _is_of(one.likeness, whole)


def _is_of(said: Likeness, whole: Likeness) -> bool:
    return (
        said.score <= whole.score
        and whole.upload_start_bytes <= said.upload_start_bytes < said.upload_end_bytes <= whole.upload_end_bytes
        and whole.reference_start_bytes <= said.reference_start_bytes
        and said.reference_end_bytes <= whole.reference_end_bytes
    )


def _question(one: ResemblanceFound | ListingChanged) -> Question:
    return one.rightsholder_id, one.work_id, one.reference_id, one.digest, one.admission


def _check_told(log: Log, answered: dict[Question, float]) -> None:
    """Check that nobody was told of bytes that can be compared before all that they resemble was known."""
    admissions: dict[str, list[tuple[float, int]]] = {}
    for written in log.written(CONTENTS_ADMITTED):
        one = written.fact
        assert isinstance(one, ContentAdmitted)
        if one.present:
            admissions.setdefault(one.digest, []).append((written.step, one.admission))
    known = _known(log, answered)
    for written in (*log.written(MATCHES_FOUND), *log.written(MATCHES_REVISED)):
        told = written.fact
        assert isinstance(told, MatchFound)
        if told.digest in samples():
            before = [admission for step, admission in admissions[told.digest] if step < written.step]
            meanwhile = [admission for step, admission in admissions[told.digest] if step == written.step]
            when = min(known.get((told.digest, admission), math.inf) for admission in (*before[-1:], *meanwhile))
            assert when <= written.step, f"{told} too early"


def _known(log: Log, answered: dict[Question, float]) -> dict[tuple[str, int], float]:
    """Return when it was known, of each admission of a content, which listings follow from its comparison."""
    known: dict[tuple[str, int], float] = {}
    for written in log.written(CONTENTS_COMPARED):
        one = written.fact
        assert isinstance(one, ContentCompared)
        questions = [
            (found.rightsholder_id, found.work_id, found.reference_id, one.digest, one.admission) for found in one.found
        ]
        if one.admission >= 0:
            assert (one.digest, one.admission) not in known, f"{one} is a second comparison"
            times = (answered.get(question, math.inf) for question in questions)
            known[one.digest, one.admission] = max([written.step, *times])
    return known


def _check_matcher(log: Log, in_force: Mapping[Work, InForce]) -> set[str]:
    """Check what is listed; return the digests of what is there and can be compared."""
    alive = set()
    for key, _, entry in log.entries():
        if not isinstance(entry, Digest):
            continue
        listed = {(one.work, one.reference_id): one.likeness for one in entry.listings if one.likeness is not None}
        alike = {(work, name): found for work, one in in_force.items() for name, found in one.alike(key).items()}
        # What nobody may list keeps the listings that it had then; they count for nothing. What has gone may have gone
        # before all parts of the index had met it; it is compared anew when it comes back.
        is_so = listed.keys() <= alike.keys() and all(_is_of(found, alike[at]) for at, found in listed.items())
        assert is_so or entry.protected, f"{key} is listed for {listed}, and alike is {alike}"
        if entry.copies and key in samples():
            alive.add(key)
            assert listed == alike or entry.protected, f"{key} is listed for {listed}, and alike is {alike}"
            assert entry.comparison is not None, f"{key} was never admitted"
        else:
            assert entry.comparison is None, f"{key} is still admitted"
        assert entry.is_compared, f"{key} is in doubt: {entry.comparison}"
    return alive


def _check_recogniser(log: Log, alive: set[str], in_force: Mapping[Work, InForce]) -> None:
    """Check that the recogniser knows what is there once, what is in force in every index, and nothing else."""
    contents, references = Counter[tuple[str, int]](), Counter[tuple[Work, str, str, int]]()
    for key, _, entry in log.entries():
        assert not isinstance(entry, Walk), f"{key} is still being compared"
        if isinstance(entry, Tally):
            assert not entry.waiting, f"{key} is still waited for"
        if isinstance(entry, Sampled) and entry.content is not None:
            contents.update((key, chunk) for chunk in digests_of(entry.content))
        if isinstance(entry, Sampled) and (one := entry.reference) is not None:
            name = (one.rightsholder_id, one.work_id), one.reference_id, one.digest
            references.update((*name, chunk) for chunk in digests_of(one.sample))
    assert contents == Counter((digest, chunk) for digest in alive for chunk in samples()[digest].places)
    known = {
        (work, name, digest, chunk)
        for work, one in in_force.items()
        for name in one.read
        if (digest := one.references[name]) in samples()
        for chunk in samples()[digest].places
    }
    assert references.keys() == known
    assert len(set(references.values())) <= 1, f"not every index knows the same: {references}"


def _check_registry(log: Log, in_force: Mapping[Work, InForce]) -> None:
    """Check that the registry remembers what is listed for its works, and samples only of what waits."""
    remembered, counted, waiting = 0, 0, _waiting(log)
    for key, name, entry in log.entries():
        is_over = isinstance(entry, Sample) and (key, name.split("/")[1]) not in waiting
        assert not is_over, f"{name} of {key} is still there"
        if isinstance(entry, registry.Work):
            assert entry.sweep is None, f"{name} of {key} is still being swept"
            counted += entry.likenesses
        if isinstance(entry, registry.Resembling):
            remembered += 1
            holds = any(
                one.references.get(entry.reference_id) == entry.reference_digest and entry.reference_id in one.read
                for work, one in in_force.items()
                if work[0] == key
            )
            assert holds, f"{entry} of {key} rests on nothing in force"
    assert remembered == counted, f"{remembered} are remembered, {counted} counted"


def _waiting(log: Log) -> set[tuple[str, str]]:
    """Return the registrations that wait for a person, and whose samples are kept for that long."""
    versions = listings_of(log).versions
    return {
        (rightsholder, str(versions[(rightsholder, one.fact.work_id), one.fact.submission_id]))
        for rightsholder, said in actions(log).items()
        for one in said
        if one.receipt.status is WorkReceipt.Status.HELD
    }
