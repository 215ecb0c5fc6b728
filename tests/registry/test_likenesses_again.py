"""What resembles a work follows its rights: it is put again with new terms, in bounded steps, and waited for."""

import pytest
from msgspec.structs import replace

from services.contracts.rights import Licence
from services.contracts.submitted import Policy
from services.registry import likenesses
from services.registry.state import Resembling
from tests.deciding import Deciding, digest
from tests.registry.facts import (
    LABEL,
    Answer,
    Status,
    answer,
    applied,
    by_file,
    licenses,
    licenses_all,
    obey,
    on,
    put,
    receipts,
    registers,
    releases,
    reply,
)
from tests.registry.test_likenesses import LIKENESS, in_force_by_file, likes, resembles, sampled

FAN = (Licence("l1", "fan"),)


def alike(count: int) -> Deciding:
    """Return a registry in which so many contents resemble the label's work."""
    deciding = in_force_by_file("a")
    on(deciding, *(resembles("a", f"cut {number}") for number in range(count)))
    return deciding


def kept(deciding: Deciding, label: str) -> Resembling:
    """Return what is kept of a content that resembles the work."""
    entries = [deciding.entry(LABEL, name) for name, _ in deciding.store.after(LABEL, "like/", 99)]
    (found,) = (one for one in entries if one.digest == digest(label))
    assert isinstance(found, Resembling)
    return found


def test_a_licence_puts_again_what_is_alike_in_steps_and_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its likeness, by the registration that it was put by; LICENSED is said when all is answered."""
    monkeypatch.setattr(likenesses, "LIKENESSES_PER_STEP", 2)
    deciding = alike(5)
    (first,) = applied(on(deciding, licenses("s2")))
    steps = [put(deciding.wake()) for _ in range(4)]
    assert [len(step) for step in steps] == [2, 2, 1, 0]
    again = [one for step in steps for one in step]
    assert {(one.terms.licences, one.likeness, one.version, one.similar) for one in again} == {(FAN, LIKENESS, 1, True)}
    assert {one.terms_version for one in again} == {first.terms_version}
    answers = [reply(one, Answer.APPLIED) for one in again]
    assert on(deciding, first, *answers[:4], *answers[:4]) == ()
    assert receipts(on(deciding, answers[4])) == [("s2", Status.LICENSED)]
    assert not kept(deciding, "cut 0").awaited


def test_what_is_alike_follows_a_licence_for_everything_that_came_while_its_work_was_replaced() -> None:
    """The replacement bears the licence already; what resembled the work before does not, and is put again."""
    deciding = alike(1)
    on(deciding, registers("s2", by_file("a")), licenses_all("s3"))
    deciding.wake()
    on(deciding, sampled("a", number=2), answer(Answer.APPLIED, "a", 2))
    (again,) = [one for one in put(deciding.pass_time(0)) if one.similar]
    assert [one.license_id for one in again.terms.licences] == ["all"]


@pytest.mark.parametrize("which", [Answer.REFUSED, Answer.PROTECTED])
def test_whatever_the_matcher_answers_is_an_answer(which: Answer) -> None:
    """What has no place any more is not waited for."""
    deciding = alike(1)
    on(deciding, *applied(on(deciding, licenses("s2"))))
    (one,) = put(deciding.pass_time(0))
    assert receipts(on(deciding, reply(one, which))) == [("s2", Status.LICENSED)]


def test_an_answer_to_what_was_put_before_is_not_taken_for_it() -> None:
    """Another content that comes meanwhile has the new terms already, and is not waited for."""
    deciding = alike(1)
    on(deciding, *applied(on(deciding, licenses("s2"))))
    (again,) = put(deciding.pass_time(0))
    before = replace(reply(again, Answer.APPLIED), terms_version=1)
    (new,) = put(on(deciding, resembles("a", "later")))
    assert new.terms.licences == FAN
    assert on(deciding, before, reply(new, Answer.APPLIED)) == ()
    assert receipts(on(deciding, reply(again, Answer.APPLIED))) == [("s2", Status.LICENSED)]


def test_what_comes_with_the_new_terms_before_the_sweep_is_not_put_again() -> None:
    """It has them already."""
    deciding = alike(1)
    said = on(deciding, licenses("s2"))
    on(deciding, resembles("a", "later"))
    (again,) = put(deciding.pass_time(0))
    assert again.digest == digest("cut 0")
    assert receipts(on(deciding, *applied(said), reply(again, Answer.APPLIED))) == [("s2", Status.LICENSED)]


def test_what_is_found_again_while_it_is_waited_for_is_waited_for_still() -> None:
    """The matcher answers the later of the two, which has later terms, and the work goes on."""
    deciding = alike(1)
    on(deciding, *applied(on(deciding, licenses("s2"))))
    (again,) = put(deciding.pass_time(0))
    on(deciding, registers("s3", by_file("b"), work_id="other"))
    (found,) = put(on(deciding, resembles("a", "cut 0")))
    assert found.terms_version > again.terms_version
    assert on(deciding, reply(again, Answer.APPLIED)) == ()
    assert receipts(on(deciding, reply(found, Answer.APPLIED))) == [("s2", Status.LICENSED)]


@pytest.mark.parametrize(("action", "again"), [(Policy.Action.BLOCK, []), (Policy.Action.REVIEW, ["+"])])
def test_a_replacement_with_another_policy_puts_again_what_stays(action: Policy.Action, again: list[str]) -> None:
    """What rests on the same bytes stays, with the terms of the registration that is in force now."""
    deciding = alike(1)
    on(deciding, registers("s2", by_file("a"), policy=Policy(action)), sampled("a", number=2))
    on(deciding, resembles("a", "cut 0"))
    on(deciding, answer(Answer.APPLIED, "a", 2))
    said = deciding.pass_time(0)
    assert [change for change, _, _ in likes(said)] == again
    assert all(one.terms.action is action for one in put(said))


def test_a_release_removes_what_was_put_again() -> None:
    """By the version that it was put by, whatever its terms."""
    deciding = alike(2)
    obey(deciding, licenses("s2"))
    said = obey(deciding, releases("s3"))
    assert [(change, version) for change, _, version in likes(said)] == [("-", 1), ("-", 1)]
    assert receipts(said) == [("s3", Status.RELEASED)]
    assert list(deciding.store.after(LABEL, "like/", 9)) == []
