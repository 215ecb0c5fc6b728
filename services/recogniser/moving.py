"""Where the recogniser's entries are with another number of partitions, or with more parts of the index. Pure.

A part becomes several, or stays what it is: each unit's entries can be taken one by one, and nothing has to be put
together. So the number of parts only grows, by a whole factor.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from services.contracts.inside import ReferenceFingerprinted
from services.contracts.partitions import Move, Placed
from services.contracts.partitions import moved as moved_fact
from services.contracts.parts import beside, counts_of, divided
from services.contracts.processor import HEAD
from services.contracts.sample import Sample
from services.recogniser.state import EARLIER, TALLY, Entry, Sampled, Tally, Walk


def placed(move: Move, key: str, name: str, entry: Entry | None) -> Iterator[Placed]:
    """Yield what becomes of an entry, or of its absence, and in which units; it comes of the unit `move.number`."""
    home = move.partition_of(key)
    match entry:
        case None:
            yield from _gone(move, home, name)
        case Tally():
            yield home, name, _tally(move, home, entry)
        case Sampled(content=Sample(), reference=None):
            yield from _content(move, home, entry)
        case _:
            yield from _reference(move, name, entry)


def _gone(move: Move, home: int, name: str) -> Iterator[Placed]:
    """Forget it wherever it may be: of a reference the units of the first index say so for all."""
    if name == TALLY:
        yield home, TALLY, None
        return
    for part in move.parts_of_one:
        for unit in move.every(part) if move.is_of_first_index else (beside(home, part, move.parts),):
            yield unit, name, None
    if name == HEAD and move.is_divided_first:
        yield home, TALLY, None


def _content(move: Move, home: int, head: Sampled) -> Iterator[Placed]:
    """Divide what this part has of a content; one that was whole has all that there is to count."""
    if move.parts == 1:
        yield home, HEAD, head
        return
    assert head.content is not None, "that is why it is a content"  # noqa: S101  # an invariant
    shares = divided(head.content, move.parts)
    for part, share in shares.items():
        yield beside(home, part, move.parts), HEAD, replace(head, content=share, home=home)
    if move.is_divided_first:
        asked = tuple(sorted(shares.keys() - {home % move.parts}))
        yield home, TALLY, Tally(head.admission, counts_of(head.content), asked, (), ())


def _tally(move: Move, home: int, tally: Tally) -> Tally:
    """Return a tally as it is there. Where parts are others, what they said is kept until it has been passed on."""
    has_some = {move.number % move.parts_before, *tally.asked}
    asked = (part for part in range(move.parts) if part % move.parts_before in has_some and part != home % move.parts)
    met = tally.met
    if move.parts != move.parts_before:
        met = tuple((EARLIER, one) for _, one in met if one.fingerprint_id in tally.heard)
    return replace(
        tally, asked=tuple(asked), met=tuple((part, moved_fact(one, move.partition_of)) for part, one in met)
    )


def _reference(move: Move, name: str, entry: Sampled | Walk) -> Iterator[Placed]:
    """Give every index what the first one has, and forget what a part has nothing of any more."""
    if not move.is_of_first_index:
        return
    for part in move.parts_of_one:
        for unit in move.every(part):
            yield unit, name, _share(move, entry, part) if isinstance(entry, Sampled) else entry


def _share(move: Move, head: Sampled, part: int) -> Sampled | None:
    reference: ReferenceFingerprinted = moved_fact(head.reference, move.partition_of)
    if move.parts == 1:
        return replace(head, reference=reference)
    share = divided(reference.sample, move.parts).get(part)
    if share is None:
        return None
    counts = counts_of(reference.sample) if head.counts is None else head.counts
    return replace(head, reference=replace(reference, sample=share), counts=counts)
