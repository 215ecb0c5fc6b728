"""Actions of rightsholders, steps of disputes and of the legal team, by the field that holds each in its submission."""

from typing import Any

from services.contracts.objections import CounterNotice, CourtAction, Dispute, GiveUp, Uphold, Withdraw
from services.contracts.submitted import Enroll, Exclude, License, Register, Release, Restore, Revoke, Settle, Suspend

Action = Register | License | Revoke | Exclude | Release | Settle
"""What a rightsholder says of a work, or of everything they hold."""

DisputeStep = Dispute | CounterNotice | Uphold | GiveUp | CourtAction | Withdraw
RightsholderStep = Enroll | Suspend | Restore

_FIELDS: dict[type, str] = {
    Register: "register",
    License: "license",
    Revoke: "revoke",
    Exclude: "exclude",
    Release: "release",
    Settle: "settle",
    Enroll: "enroll",
    Suspend: "suspend",
    Restore: "restore",
    Dispute: "dispute",
    CounterNotice: "counter_notice",
    Uphold: "uphold",
    GiveUp: "release",
    CourtAction: "court_action",
    Withdraw: "withdraw",
}


def named(step: Action | DisputeStep | RightsholderStep, *, of_everything: bool = False) -> dict[str, Any]:
    """Return a step under its field's name; a licence of everything has a field of its own."""
    if of_everything and isinstance(step, License):
        return {"license_catalogue": step}
    return {_FIELDS[type(step)]: step}
