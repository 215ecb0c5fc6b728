import pytest

from services.console.people import ANYBODY_HERE, NOBODY, OWNER_HERE, May, Role, Viewer

LABEL = Viewer("ann", frozenset({Role.RIGHTSHOLDER}), "label")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.RIGHTSHOLDER])
def test_whoever_works_for_the_platform_sees_everything(role: Role) -> None:
    """And none of them needs to be a rightsholder for it."""
    assert Viewer("ann", frozenset({role})).may_see("label")


def test_a_rightsholder_sees_and_answers_for_their_own_works_alone() -> None:
    """Whose they are is said by the provider, never by the page that is asked for."""
    assert LABEL.may_see("label")
    assert LABEL.may_answer("label")
    assert not LABEL.may_see("other")
    assert not LABEL.may_answer("other")
    assert LABEL.sees_only == "label"


def test_a_rightsholder_of_nothing_sees_nothing() -> None:
    """A claim that is missing must not be read as everybody's."""
    nobodys = Viewer("ann", frozenset({Role.RIGHTSHOLDER}))
    assert not nobodys.may_see("")
    assert not nobodys.may_answer("")


def test_nobody_in_a_cluster_both_decides_and_speaks_for_a_side() -> None:
    """No single role allows both; only who owns the machine has both roles."""
    for role in Role:
        viewer = Viewer("ann", frozenset({role}))
        assert not (viewer.may(May.DECIDE) and (viewer.may(May.SPEAK_FOR) or viewer.may(May.ANSWER_OWN))), role
    assert OWNER_HERE.may(May.DECIDE)
    assert OWNER_HERE.may_answer("label")


def test_who_has_not_signed_in_decides_nothing() -> None:
    """On loopback they read; elsewhere not even that."""
    assert ANYBODY_HERE.may(May.SEE_ALL)
    for viewer in (NOBODY, ANYBODY_HERE):
        assert not viewer.is_signed_in
        assert not any(viewer.may(what) for what in (May.DECIDE, May.SPEAK_FOR, May.ANSWER_OWN, May.ERASE))
    assert not NOBODY.may(May.SEE_ALL)
