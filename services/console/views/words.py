"""What facts mean, in words for whom they concern: why, and what one can do. Pure."""

import unicodedata

from services.contracts.decided import TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.objections import Dispute, ReviewSubmitted
from services.contracts.standing import StrikesChanged

Verdict = VerdictDecided.Verdict
Reason = VerdictDecided.Reason
Status = WorkReceipt.Status

SHOWN_CHARACTERS_MAX = 300
"""Of a title or an id; statements are shown whole."""

VERDICTS = {
    Verdict.CLEAR: "It can be shown.",
    Verdict.BLOCKED: "It is not shown.",
    Verdict.HELD: "It is not shown yet: a person decides.",
    Verdict.UNSCANNED: "It is not shown yet: its file could not be read.",
}

REASONS = {
    Reason.IDENTICAL: "The file is, byte for byte, a registered reference of the work.",
    Reason.SIMILAR: "The file shares a large part of its data with a registered reference of the work.",
    Reason.REVIEW_POLICY: "The rightsholder asks that a person looks at each copy first.",
    Reason.CONTRADICTION: "One rightsholder allows it and another does not, so a person has to decide.",
    Reason.STANDING: "Several uploads from there were taken down lately, so new ones are looked at more closely.",
    Reason.PENDING_REVIEW: "It waits for a person.",
    Reason.NOT_ALLOWED: "The file lies where this platform does not read.",
    Reason.UNSUPPORTED_SCHEME: "The address of the file is of a kind that is not read.",
    Reason.NOT_FOUND: "There is no file at its address.",
    Reason.NOT_A_FILE: "What is at its address is no file.",
    Reason.EMPTY: "The file is empty.",
    Reason.CHANGED: "The file changed while it was looked at, so it is compared anew.",
    Reason.TOO_LARGE: "The file is larger than this platform reads.",
    Reason.TIMED_OUT: "Reading the file took too long.",
    Reason.UNREACHABLE: "Where the file lies could not be reached.",
    Reason.RELEASED: "The rightsholder has released the work.",
    Reason.LICENSED: "The rightsholder has licensed this use.",
    Reason.SETTLED: "The rightsholder has settled, and the block has ended.",
    Reason.DISPUTE_WON: "The claim was objected to and does not stand.",
    Reason.OUTSIDE_TERRITORY: "The rightsholder blocks nothing where this is to be seen.",
    Reason.EXCERPT_ALLOWED: "The rightsholder allows so short an excerpt.",
    Reason.OWN_ACCOUNT: "It comes from an account of the rightsholder's own.",
    Reason.PROTECTED_CONTENT: "A person has decided that nobody can claim this content.",
    Reason.NO_MATCH: "The file neither is nor resembles a registered reference of any work.",
}

TODO = {
    Verdict.CLEAR: "Nothing needs to be done.",
    Verdict.BLOCKED: (
        "Whoever uploaded it can object, free of charge: the claimant then has to stand by the claim, and silence "
        "brings the upload back. After that a counter-notice by name makes the claimant go to court or let it be."
    ),
    Verdict.HELD: "Wait: a reviewer sees it in the queue. Nothing has been decided against anybody yet.",
    Verdict.UNSCANNED: (
        "It is tried again by itself for a while. If the reason lasts, submit it again from where it can be read."
    ),
}

WAITING = ("It is being looked at.", "Wait a moment: the first verdict comes within seconds.")
DELETED = ("Its owner deleted it.", "Nothing needs to be done; what was decided about it stays on record.")

RECEIPTS = {
    Status.ACCEPTED: "in force",
    Status.REJECTED: "refused",
    Status.RELEASED: "released",
    Status.CONFLICTED: "somebody else lists the same bytes too",
    Status.ENFORCED: "every copy that was there has been passed on",
    Status.HELD: "waits for a person",
    Status.LICENSED: "licensed",
    Status.REVOKED: "licence revoked",
    Status.EXCLUDED: "part excluded",
}

TAKEDOWNS = {TakedownIssued.Status.ISSUED: "Taken down", TakedownIssued.Status.REINSTATED: "Came back"}
BASES = {
    TakedownIssued.Basis.NOTICE: "It was there before the work was registered.",
    TakedownIssued.Basis.STAYDOWN: "The work was registered before it came.",
}

GROUNDS = {
    Dispute.Ground.MISIDENTIFIED: "It is not this work",
    Dispute.Ground.LICENSED: "I have a licence",
    Dispute.Ground.PUBLIC_DOMAIN: "The work is in the public domain",
    Dispute.Ground.OWN_WORK: "It is my own work",
    Dispute.Ground.EXCEPTION: "The law allows this use (quotation, parody, teaching …)",
}

ANSWERS = {
    ReviewSubmitted.Answer.APPROVE: "the claim is right",
    ReviewSubmitted.Answer.REJECT: "the claim is wrong",
    ReviewSubmitted.Answer.PROTECT: "nobody may claim this content",
}

STANDINGS = {
    StrikesChanged.Standing.GOOD: "As everybody else.",
    StrikesChanged.Standing.WATCHED: "New uploads wait until every comparison is done.",
    StrikesChanged.Standing.RESTRICTED: "New uploads wait for a person.",
    StrikesChanged.Standing.PROBATION: "Registrations that find many copies wait for a person.",
    StrikesChanged.Standing.TRUSTED: "Registrations come into force at once.",
}

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024
_WHOLE = 100


def plain(text: str, characters_max: int = SHOWN_CHARACTERS_MAX) -> str:
    """Return what outsiders wrote, safe to look at: what is invisible or turns text around is a replacement sign.

    Escaping for HTML is the templates' matter; this is about what escaping leaves alone, as U+202E.
    """
    shown = "".join("\ufffd" if _is_odd(character) else character for character in text[: characters_max + 1])
    return shown if len(text) <= characters_max else f"{shown[:characters_max]}…"


def bytes_in_words(size: int) -> str:
    """Return a size as people say it."""
    amount, unit = float(size), 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}" if unit == 0 or amount >= _WHOLE else f"{amount:.1f} {_UNITS[unit]}"


def _is_odd(character: str) -> bool:
    return character not in "\n\t\u200c\u200d" and unicodedata.category(character) in (
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Zl",
        "Zp",
    )
