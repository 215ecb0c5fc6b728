"""The completeness gate: everything that is wrong with a submission by itself, with where it stands and its cure."""

from collections.abc import Iterator

from services.contracts.codec import encode
from services.contracts.decided import Problem
from services.contracts.processor import Event
from services.contracts.submitted import Attestation, Register, WorkSubmitted, WorkUnreadable
from services.contracts.types import milliseconds
from services.registry.problems import Reason, invalid, problem
from services.registry.rights import exclude_problems, license_problems, policy_problems, window_problems
from services.registry.signatures import check_signature
from services.registry.state import REFERENCES_BYTES_MAX, Rightsholder

ON_A_WORK = ("register", "release", "license", "exclude")
ON_EVERYTHING = ("license_catalogue", "settle")
SUSPENDED = problem(Reason.SUSPENDED, "rightsholder_id", "Ask the platform why, and to be restored.")
ACTIONS = (*ON_A_WORK, *ON_EVERYTHING, "revoke")


def check_signer(rightsholder: Rightsholder, event: Event) -> Problem | None:
    """Return why a submission is not taken for its rightsholder's: whoever is enrolled with a key signs."""
    enrolled = rightsholder.enrolled
    return check_signature(enrolled.public_key, event) if enrolled is not None and enrolled.public_key else None


def check(rightsholder: Rightsholder, fact: WorkSubmitted | WorkUnreadable, now: int) -> tuple[Problem, ...]:
    """Return what is wrong: who may not submit is told that alone, everybody else all of it at once."""
    standing = tuple(_standing(rightsholder))
    if standing:
        return standing
    if isinstance(fact, WorkUnreadable):
        return (invalid(fact.field, f"{fact.problem}. Write the field as the contract says."),)
    return tuple(_submitted(fact, now))


def _standing(rightsholder: Rightsholder) -> Iterator[Problem]:
    if rightsholder.enrolled is None:
        yield problem(
            Reason.UNKNOWN_RIGHTSHOLDER, "rightsholder_id", "Be enrolled by the platform, then submit under a new id."
        )
    elif rightsholder.suspended:
        yield SUSPENDED


def _submitted(fact: WorkSubmitted, now: int) -> Iterator[Problem]:
    actions = [name for name in ACTIONS if getattr(fact, name) is not None]
    if len(actions) != 1:
        yield invalid(actions[1] if actions else "register", f"Say exactly one of {', '.join(ACTIONS)}.")
    if not fact.work_id and any(name in ON_A_WORK for name in actions):
        yield invalid("work_id", "Name the work.")
    if fact.work_id and any(name in ON_EVERYTHING for name in actions):
        yield invalid("work_id", "Leave it out: this is about every work that you hold.")
    if fact.register is not None:
        yield from _registration(fact.register, now)
    if fact.license is not None:
        yield from license_problems("license", fact.license)
    if fact.license_catalogue is not None:
        yield from license_problems("license_catalogue", fact.license_catalogue)
    if fact.exclude is not None:
        yield from exclude_problems(fact.exclude)


def _registration(register: Register, now: int) -> Iterator[Problem]:
    yield from _papers(register)
    yield from _references(register)
    yield from policy_problems(register.policy)
    wrong = tuple(window_problems("register", register.valid_from, register.valid_until))
    yield from wrong
    if not wrong and register.valid_until is not None and milliseconds(register.valid_until) <= now:
        yield invalid("register.valid_until", "Register what is still yours: this right has ended already.")


def _papers(register: Register) -> Iterator[Problem]:
    if not register.documents:
        yield problem(Reason.MISSING_DOCUMENT, "register.documents", "Name at least one document that shows the right.")
    attestation = register.attestation or Attestation()
    if not (attestation.accurate and attestation.good_faith and attestation.signed_by):
        yield problem(
            Reason.MISSING_ATTESTATION,
            "register.attestation",
            "Declare accurate and good_faith, and name who signs in signed_by.",
        )
    elif not attestation.exclusive:
        yield problem(
            Reason.NOT_EXCLUSIVE,
            "register.attestation.exclusive",
            "Only an exclusive right can be enforced: declare it if it is so.",
        )


def _references(register: Register) -> Iterator[Problem]:
    if not register.references:
        yield problem(Reason.NO_REFERENCE, "register.references", "Give at least one reference file or digest.")
    if len(encode(register.references)) > REFERENCES_BYTES_MAX:
        yield invalid("register.references", "Give fewer references, or shorten their ids and addresses.")
    seen = set()
    for index, reference in enumerate(register.references):
        at = f"register.references[{index}]"
        if reference.reference_id in seen:
            yield invalid(f"{at}.reference_id", "Give each reference of the work a name of its own.")
        seen.add(reference.reference_id)
        if bool(reference.uri) == (reference.content is not None):
            yield invalid(f"{at}.uri", "Give exactly one of uri and content.")
