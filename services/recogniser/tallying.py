"""Contents where the index is divided: each part says what they share with references, their own unit adds it up.

    home: contents.admitted ─► contents.divided ─► each part: what it has of both ─► contents.met ─► home: the sum

An admission is answered when all parts have answered that have some of its chunks. What a part tells later, of a
reference that has come, is added and said a little later, when others have told of the same reference; should one be
later than that, it is said again. Every part tells of each pair once, whichever of the two it has met first, and its
latest word on a reference stands for those before.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from msgspec.structs import replace

from services.contracts.inside import ContentAdmitted, ContentDivided, ContentMet, Met
from services.contracts.parts import beside, counts_of, divided, together
from services.contracts.processor import HEAD, Decision, Emit, Event, View
from services.contracts.sample import Sample
from services.contracts.topics import CONTENTS_DIVIDED, CONTENTS_MET
from services.recogniser.answering import answer, later
from services.recogniser.comparing import met_by_content
from services.recogniser.state import EARLIER, TALLY, Sampled, Tally

MET_MAX = 512
"""References that are kept for one content, each of 16 parts having 32, as many as a content may resemble. With the
longest names a tally then has some 600 KiB of the 1 MiB that an entry may have."""

TOLD_MS = 1_000
"""How long others have to tell of a reference that has come. They read it at the same time, and compare it in steps."""

SOMETHING = 1
"""Chunks that must be shared in one part to be told of: the sum counts."""


def admit(state: View, came: ContentAdmitted, event: Event) -> Decision:
    """Give every part what it has of a content; answer at once if that is this unit's own alone."""
    before: Tally | None = state.get(TALLY)
    if before is not None and before.admission >= came.admission:
        return Decision()
    assert came.sample is not None, "what cannot be compared is not admitted"  # noqa: S101  # an invariant of the matcher
    own, parts = event.partition % event.parts, divided(came.sample, event.parts)
    met = tuple((own, one) for one in _meet(state, came.digest, parts[own], event)) if own in parts else ()
    asked = tuple(sorted(parts.keys() - {own}))
    tally = Tally(came.admission, counts_of(came.sample), asked, asked, met)
    head = Sampled(came.admission, parts[own], home=event.partition) if own in parts else None
    ask = [
        _divide(event, part, ContentDivided(came.digest, came.admission, event.partition, parts[part]))
        for part in asked
    ]
    return Decision({HEAD: head, TALLY: tally}, ask or [_answer(event, tally)])


def dismiss(state: View, went: ContentAdmitted, event: Event) -> Decision:
    """Let every part forget a content."""
    tally: Tally | None = state.get(TALLY)
    if tally is None or tally.admission > went.admission:
        return Decision()
    gone = ContentDivided(went.digest, went.admission, event.partition)
    return Decision({HEAD: None, TALLY: None}, [_divide(event, part, gone) for part in tally.asked])


def _divide(event: Event, part: int, fact: ContentDivided) -> Emit:
    """Return what is said to a part: to that of the units which have a whole index with this one."""
    return Emit(CONTENTS_DIVIDED, fact.digest, fact, beside(event.partition, part, event.parts))


def hold(state: View, known: Sampled | None, fact: ContentDivided, event: Event) -> Decision:
    """Keep what this part has of a content, or forget it, and say what it shares with the references here."""
    if fact.sample is None:
        return Decision({HEAD: None} if known is not None and known.admission <= fact.admission else {})
    if known is not None and known.admission >= fact.admission:
        return Decision()
    met = tuple(_meet(state, fact.digest, fact.sample, event))
    head = Sampled(fact.admission, fact.sample, home=fact.home)
    return Decision({HEAD: head}, (tell(event, head, fact.digest, met, is_answer=True),))


def _meet(state: View, digest: str, sample: Sample, event: Event) -> Iterator[Met]:
    return islice(met_by_content(state, digest, sample, SOMETHING), MET_MAX // event.parts)


def tell(event: Event, content: Sampled, digest: str, met: tuple[Met, ...], *, is_answer: bool = False) -> Emit:
    """Return what this part says of a content, to the content's own unit."""
    fact = ContentMet(digest, content.admission, event.partition % event.parts, met, is_answer)
    return Emit(CONTENTS_MET, digest, fact, content.home)


def hear(state: View, fact: ContentMet, event: Event) -> Decision:
    """Add what a part says; answer the admission when it is the last, and otherwise what comes later, soon."""
    tally: Tally | None = state.get(TALLY)
    if tally is None or tally.admission != fact.admission:
        return Decision()
    after = replace(tally, met=_added(tally.met, fact, MET_MAX // event.parts))
    if fact.is_answer:
        return _answered(after, fact, event)
    if not tally.waiting:
        kept = {one.fingerprint_id for _, one in after.met}
        heard = kept.intersection((*tally.heard, *(one.fingerprint_id for one in fact.found)))
        due = event.now + TOLD_MS if tally.due is None else tally.due
        after = replace(after, heard=tuple(sorted(heard)), due=due)
    return Decision({TALLY: after})


def _answered(tally: Tally, fact: ContentMet, event: Event) -> Decision:
    if fact.part not in tally.waiting:
        return Decision()
    after = replace(tally, waiting=tuple(part for part in tally.waiting if part != fact.part))
    return Decision({TALLY: after}, () if after.waiting else (_answer(event, after),))


def _answer(event: Event, tally: Tally) -> Emit:
    return answer(event, event.key, tally.admission, _summed(tally.met), tally.counts.at)


def say_heard(state: View, event: Event) -> Decision:
    """Say what the content resembles of the references that parts have told of since it was last said."""
    tally: Tally = state.get(TALLY)
    said = later(event, event.key, _summed(tally.met, tally.heard), tally.counts.at)
    met = tuple(each for each in tally.met if each[0] != EARLIER)
    return Decision({TALLY: replace(tally, met=met, heard=(), due=None)}, said)


def _added(met: Iterable[tuple[int, Met]], fact: ContentMet, most: int) -> tuple[tuple[int, Met], ...]:
    """Return what is known with what a part says last: of each part its latest word, on those that share most.

    What many have a little of, as a jingle, thus pushes out nothing that is alike. Who was heard before the index was
    divided further is told of anew by all parts.
    """
    names = {one.fingerprint_id for one in fact.found}
    left = [each for each in met if each[0] not in (fact.part, EARLIER) or each[1].fingerprint_id not in names]
    of_part = [*(each for each in left if each[0] == fact.part), *((fact.part, one) for one in fact.found)]
    of_part.sort(key=lambda each: each[1].shared.chunks)
    return (*(each for each in left if each[0] != fact.part), *of_part[-most:])


def _summed(met: Iterable[tuple[int, Met]], names: Collection[str] | None = None) -> Iterator[Met]:
    """Yield what all parts together share with each reference, or with those of the names, most first."""
    of_reference: dict[tuple[str, str], list[Met]] = {}
    for _, one in met:
        if names is None or one.fingerprint_id in names:
            of_reference.setdefault((one.fingerprint_id, one.reference_digest), []).append(one)
    summed = (replace(each[-1], shared=together(one.shared for one in each)) for each in of_reference.values())
    yield from sorted(summed, key=lambda one: -one.shared.chunks)
