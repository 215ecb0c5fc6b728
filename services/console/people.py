"""Who may see and do what: roles, what each may, and the one who looks at a page. Pure.

    rightsholder   the works, uploads and disputes that concern their own works, and answers for these
    reviewer       everything, and decides what is held
    operator       everything, enters the steps of a dispute that people sent by other ways, and erases by request
    auditor        everything, and decides nothing

Nobody both decides and speaks for a side, but for the one person on a machine of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the platform."""

    RIGHTSHOLDER = "rightsholder"
    REVIEWER = "reviewer"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class May(StrEnum):
    """What a role allows."""

    SEE_ALL = "see all"
    SEE_OWN = "see what concerns their own works"
    DECIDE = "decide what is held"
    ANSWER_OWN = "answer disputes of their own claims"
    SPEAK_FOR = "enter steps for uploaders and claimants"
    ERASE = "erase what is personal of an uploader"


ALLOWED: Mapping[Role, frozenset[May]] = {
    Role.RIGHTSHOLDER: frozenset({May.SEE_OWN, May.ANSWER_OWN}),
    Role.REVIEWER: frozenset({May.SEE_ALL, May.DECIDE}),
    Role.OPERATOR: frozenset({May.SEE_ALL, May.SPEAK_FOR, May.ERASE}),
    Role.AUDITOR: frozenset({May.SEE_ALL}),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page; `subject` is empty for who has not signed in."""

    subject: str = ""
    roles: frozenset[Role] = frozenset()
    rightsholder_id: str = ""

    @property
    def is_signed_in(self) -> bool:
        """Tell whether they are known."""
        return bool(self.subject)

    def may(self, what: May) -> bool:
        """Tell whether any of their roles allows it."""
        return any(what in ALLOWED[role] for role in self.roles)

    def may_see(self, rightsholder_id: str) -> bool:
        """Tell whether they may see what concerns a rightsholder."""
        return self.may(May.SEE_ALL) or (self.may(May.SEE_OWN) and self._is(rightsholder_id))

    def may_answer(self, rightsholder_id: str) -> bool:
        """Tell whether they may answer a dispute as this claimant."""
        return self.may(May.SPEAK_FOR) or (self.may(May.ANSWER_OWN) and self._is(rightsholder_id))

    @property
    def sees_only(self) -> str | None:
        """Whose works alone they may see; None for who may see everything."""
        return None if self.may(May.SEE_ALL) else self.rightsholder_id

    def _is(self, rightsholder_id: str) -> bool:
        return bool(rightsholder_id) and rightsholder_id == self.rightsholder_id


NOBODY = Viewer()
ANYBODY_HERE = Viewer(roles=frozenset({Role.AUDITOR}))
"""Who reads on loopback without signing in (CONTRACT: `staydown up`)."""
OWNER_HERE = Viewer("local", frozenset({Role.REVIEWER, Role.OPERATOR}))
"""Who holds the token of a console on their own machine."""
