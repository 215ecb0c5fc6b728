"""What a pass answered, held against the truth: for every upload exactly one answer, and the right one. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loadtest.truth import EXAMPLES_MAX, Tally
from services.contracts.decided import VerdictDecided
from services.contracts.inside import UploadRead

Verdict = VerdictDecided.Verdict


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict, as far as it is compared. `blake3`: of the bytes that it is about, empty if there are none."""

    verdict: Verdict
    blake3: str
    work_ids: tuple[str, ...] = ()


Answer = Said | str
"""A verdict, or the BLAKE3 that was found. What could not be read has the failure's name."""


def answer_of(fact: VerdictDecided | UploadRead) -> Answer:
    """Return what a record says, as far as it is compared."""
    blake3 = fact.content.blake3 if fact.content else ""
    if isinstance(fact, VerdictDecided):
        return Said(fact.verdict, blake3, fact.work_ids)
    return blake3 or str(fact.failure)


def tally(expected: Mapping[str, Answer], came: Iterable[tuple[str, Answer]]) -> Tally:
    """Compare; whatever comes beyond one answer is said twice, and one about somebody else's upload is nobody's."""
    said: dict[str, list[Answer]] = defaultdict(list)
    for upload_id, answer in came:
        if upload_id in expected:
            said[upload_id].append(answer)
    missed = [upload_id for upload_id in expected if upload_id not in said]
    wrong = [upload_id for upload_id, answers in said.items() if any(one != expected[upload_id] for one in answers)]
    twice = [upload_id for upload_id, answers in said.items() if len(answers) > 1]
    return Tally(
        uploads=len(expected),
        missed=len(missed),
        wrong=len(wrong),
        duplicate=sum(len(answers) - 1 for answers in said.values()),
        examples=(
            *(f"missed: {upload_id}" for upload_id in missed[:EXAMPLES_MAX]),
            *(f"wrong: {one}: expected {expected[one]}, came {said[one]}" for one in wrong[:EXAMPLES_MAX]),
            *(f"twice: {upload_id}" for upload_id in twice[:EXAMPLES_MAX]),
        ),
    )


def together(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of several passes."""
    every = list(tallies)
    examples = [example for one in every for example in one.examples]
    return Tally(
        uploads=sum(one.uploads for one in every),
        missed=sum(one.missed for one in every),
        wrong=sum(one.wrong for one in every),
        duplicate=sum(one.duplicate for one in every),
        examples=tuple(examples[: 3 * EXAMPLES_MAX]),
    )
