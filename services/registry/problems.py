"""What can be wrong with a submission: a reason that the contract lists, where it stands, and its cure."""

from services.contracts.decided import Problem, WorkReceipt

Reason = WorkReceipt.Reason


def problem(reason: Reason, field: str, cure: str) -> Problem:
    """Return one problem."""
    return Problem(reason, field, cure)


def invalid(field: str, cure: str) -> Problem:
    """Return that a field cannot be as it is."""
    return Problem(Reason.INVALID_FIELD, field, cure)
