"""The completeness gate: everything that is wrong with a submission by itself, with where it stands and its cure."""

from collections.abc import Iterator

from services.contracts.codec import encode
from services.contracts.decided import Problem, WorkReceipt
from services.contracts.submitted import Attestation, Policy, Register, WorkSubmitted, WorkUnreadable
from services.contracts.types import milliseconds
from services.registry.state import REFERENCES_BYTES_MAX, Rightsholder

Reason = WorkReceipt.Reason


def check(rightsholder: Rightsholder, fact: WorkSubmitted | WorkUnreadable, now: int) -> tuple[Problem, ...]:
    """Return what is wrong: who may not submit is told that alone, everybody else all of it at once."""
    standing = tuple(_standing(rightsholder))
    if standing:
        return standing
    if isinstance(fact, WorkUnreadable):
        return (_invalid(fact.field, f"{fact.problem}. Write the field as the contract says."),)
    return tuple(_submitted(fact, now))


def problem(reason: Reason, field: str, cure: str) -> Problem:
    """Return one problem; its reason is one of those that the contract lists."""
    return Problem(reason, field, cure)


def _standing(rightsholder: Rightsholder) -> Iterator[Problem]:
    if rightsholder.enrolled is None:
        yield problem(
            Reason.UNKNOWN_RIGHTSHOLDER, "rightsholder_id", "Be enrolled by the platform, then submit under a new id."
        )
    elif rightsholder.suspended:
        yield problem(Reason.SUSPENDED, "rightsholder_id", "Ask the platform why, and to be restored.")
    elif rightsholder.enrolled.public_key:
        yield problem(
            Reason.BAD_SIGNATURE, "staydown-signature", "Signatures cannot be verified yet: be enrolled without a key."
        )


def _submitted(fact: WorkSubmitted, now: int) -> Iterator[Problem]:
    if not fact.work_id:
        yield _invalid("work_id", "Name the work.")
    if (fact.register is None) == (fact.release is None):
        yield _invalid("register", "Say exactly one of register and release; this version offers no other action.")
    elif fact.register is not None:
        yield from _papers(fact.register)
        yield from _references(fact.register)
        yield from _policy(fact.register.policy)
        yield from _windows(fact.register, now)


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
        yield _invalid("register.references", "Give fewer references, or shorten their ids and addresses.")
    seen = set()
    for index, reference in enumerate(register.references):
        at = f"register.references[{index}]"
        if reference.reference_id in seen:
            yield _invalid(f"{at}.reference_id", "Give each reference of the work a name of its own.")
        seen.add(reference.reference_id)
        if bool(reference.uri) == (reference.content is not None):
            yield _invalid(f"{at}.uri", "Give exactly one of uri and content.")


def _policy(policy: Policy | None) -> Iterator[Problem]:
    """Refuse what this version cannot do, rather than do something else."""
    if policy is None:
        return
    if policy.action is not Policy.Action.BLOCK:
        yield _invalid("register.policy.action", "Only BLOCK is supported by this version.")
    if policy.territories:
        yield _invalid("register.policy.territories", "Only everywhere (no territories) is supported by this version.")


def _windows(register: Register, now: int) -> Iterator[Problem]:
    start, end = register.valid_from, register.valid_until
    if start is not None and end is not None and end <= start:
        yield _invalid("register.valid_until", "Let the right end after it begins.")
    elif start is not None and milliseconds(start) > now:
        yield _invalid("register.valid_from", "Register when the right has begun; this version cannot wait for it.")
    elif end is not None:
        yield _invalid("register.valid_until", "Leave it out and release the work when the right ends.")


def _invalid(field: str, cure: str) -> Problem:
    return problem(Reason.INVALID_FIELD, field, cure)
