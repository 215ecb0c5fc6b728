"""Keys by their terms, against a plain dict of sets."""

from hypothesis import given
from hypothesis import strategies as st

from services.runtime.index import Index

KEYS = st.sampled_from(["a", "b", "ü"])
TERMS = frozenset((0, 1, 2, ~0, ~1))
ASKED = frozenset((0, 1, 2))
CHANGES = st.lists(st.tuples(KEYS, st.frozensets(st.sampled_from(sorted(TERMS)))), max_size=20)


@given(CHANGES)
def test_every_key_is_found_by_the_terms_that_it_has_last(changes: list[tuple[str, frozenset[int]]]) -> None:
    """However many had a term before, or have it now, in order and after any key; and no term is left behind."""
    index, model = Index(), dict[str, frozenset[int]]()
    for key, terms in changes:
        index.change(key, model.get(key, frozenset()), terms)
        model[key] = terms
        assert index.having(ASKED) == ASKED.intersection(frozenset().union(*model.values()))
        for term in TERMS:
            found = sorted(key for key, terms in model.items() if term in terms)
            for after in ("", "a", "b", "c"):
                assert list(index.keys_after(term, after)) == [key for key in found if key > after]
