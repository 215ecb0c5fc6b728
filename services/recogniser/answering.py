"""What a comparison found, said to the matcher: of all that is met, what is alike, best first."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice

from services.contracts.inside import ContentCompared, Met, Resemblance
from services.contracts.parts import STEPS
from services.contracts.processor import Emit, Event
from services.contracts.sample import LIKENESSES_MAX, Sample, digests_of
from services.contracts.topics import CONTENTS_COMPARED
from services.recogniser.likeness import likeness

CountBelow = Callable[[int], int]
"""Says how many chunks a content has below a step."""


def counting(sample: Sample) -> CountBelow:
    """Return what counts the chunks of a content whose whole sample is at hand; nearly always it is asked for none."""
    digests = cache(digests_of)
    return lambda step: bisect_right(digests(sample), STEPS[step])


def answer(event: Event, digest: str, admission: int, met: Iterable[Met], of_upload: CountBelow) -> Emit:
    """Return what an admission is answered: the first likenesses that are met, best first."""
    found = islice(alike(met, of_upload), LIKENESSES_MAX)
    return _say(event, digest, admission, sorted(found, key=lambda one: -one.likeness.score))


def later(event: Event, digest: str, met: Iterable[Met], of_upload: CountBelow) -> list[Emit]:
    """Return what is said of references that came later: one record for each that is alike."""
    return [_say(event, digest, -1, (one,)) for one in alike(met, of_upload)]


def alike(met: Iterable[Met], of_upload: CountBelow) -> Iterator[Resemblance]:
    """Yield what is alike of what shares something with a content."""
    for one in met:
        if found := likeness(one.shared, of_upload(one.step), one.of_reference):
            yield Resemblance(
                rightsholder_id=one.rightsholder_id,
                work_id=one.work_id,
                reference_id=one.reference_id,
                reference_digest=one.reference_digest,
                likeness=found,
                rightsholder_partition=one.rightsholder_partition,
            )


def _say(event: Event, digest: str, admission: int, found: Iterable[Resemblance]) -> Emit:
    """Return the record. The content is of the unit's own partition, wherever a reference came from."""
    return Emit(CONTENTS_COMPARED, digest, ContentCompared(digest, admission, tuple(found)), event.partition)
