"""Random walks: the recogniser is total, and in the end it has found what a comparison of all with all finds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.inside import ReferenceForgotten
from services.contracts.processor import Emit
from services.contracts.sample import chunks_of
from services.recogniser.likeness import compare
from tests.deciding import Said, digest
from tests.recogniser.facts import admit, dismiss, found, recogniser, reference, sample

CHUNKS = {"song": range(10), "cut": range(4, 10), "both": range(20), "other": range(10, 20), "far": range(90, 99)}
LABELS = st.sampled_from(tuple(CHUNKS))
NAMES = st.sampled_from(("r0", "r1"))
FACTS = st.one_of(
    st.tuples(st.just("admit"), LABELS),
    st.tuples(st.just("dismiss"), LABELS),
    st.tuples(st.just("reference"), NAMES, LABELS),
    st.tuples(st.just("forget"), NAMES),
    st.tuples(st.just("turn")),
)


@settings(max_examples=150)
@given(st.lists(FACTS, max_size=30))
def test_whichever_came_first_is_found(facts: list[tuple[str, ...]]) -> None:
    """For every content and reference that are there in the end, their likeness was said since the later one came."""
    deciding, contents, references, said = recogniser(), dict[str, int](), dict[str, str](), set[tuple[str, str]]()
    for count, fact in enumerate(facts):
        before = len(deciding.log)
        match fact:
            case "admit", label if label not in contents:
                contents[label] = count
                said = {one for one in said if one[0] != digest(label)}
                admit(deciding, label, CHUNKS[label], count)
            case "dismiss", label if label in contents:
                dismiss(deciding, label, contents.pop(label))
            case "reference", name, label:
                references[name] = label
                said = {one for one in said if one[1] != name}
                fact_of = reference(name, CHUNKS[label], label, registration=count)
                deciding.on(fact_of.fingerprint_id, fact_of)
            case "forget", name:
                references.pop(name, None)
                deciding.on(f"id of {name}", ReferenceForgotten())
            case _:
                deciding.wake()
        said |= _pairs(deciding.log[before:])
    before = len(deciding.log)
    deciding.pass_time(0)
    said |= _pairs(deciding.log[before:])
    for label in contents:
        for name, other in references.items():
            alike = compare(chunks_of(sample(CHUNKS[label])), chunks_of(sample(CHUNKS[other])))
            assert ((digest(label), name) in said) == (alike is not None and label != other)


def _pairs(said: list[Emit]) -> set[tuple[str, str]]:
    return {(content, name) for content, _, resembled in found(Said(said)) for name, _ in resembled}
