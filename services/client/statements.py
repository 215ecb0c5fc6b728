"""From takedowns to statements of reasons for the transparency database of the European Union. Pure.

Each ISSUED is a statement of its own, since each is a decision of its own; that it came back ends the one before. What
is down in no country of the European Economic Area is none of the database's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from services.contracts.canary import is_canary
from services.contracts.decided import TakedownIssued
from services.contracts.statements import TransparencyStatement

Statement = TransparencyStatement
ContentType = Statement.ContentType

LEGAL_GROUND = (
    "Copyright and related rights: Articles 2 and 3 of Directive 2001/29/EC, as the law of the member states has them."
)
CHARACTERS_MAX = {"explanation": 2_000, "facts": 5_000}
"""What the database takes; its validation refuses more."""

EEA = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
"""The countries that the database knows."""

CONTENT_DATE_MIN = date(2000, 1, 1)
"""The database refuses content that is older."""

TYPES = {
    "audio": ContentType.CONTENT_TYPE_AUDIO,
    "image": ContentType.CONTENT_TYPE_IMAGE,
    "text": ContentType.CONTENT_TYPE_TEXT,
    "video": ContentType.CONTENT_TYPE_VIDEO,
}
OTHER = "A file whose media type is not known to be audio, image, text or video; it was compared by its bytes."


@dataclass(frozen=True, slots=True)
class Posted:
    """What is known of an upload as it was when it came down: its media type, and when it was posted."""

    media_type: str = ""
    at: datetime | None = None


UNKNOWN = Posted()


@dataclass(slots=True)
class Restriction:
    """One time that an upload was down for a work: the record that said so, its number, and when it came back."""

    issued: TakedownIssued
    turn: int
    ended_at: datetime | None = None


@dataclass(slots=True)
class Restrictions:
    """Takes up takedowns in the order of their topic, and pairs each with its end."""

    found: list[Restriction] = field(default_factory=list)
    _latest: dict[str, Restriction] = field(default_factory=dict)

    def take(self, takedown: TakedownIssued) -> None:
        """Take up one record, but for the canary's: nobody's upload came down."""
        if is_canary(takedown.upload_id):
            return
        before = self._latest.get(takedown.takedown_id)
        if takedown.status is TakedownIssued.Status.REINSTATED:
            if before is not None and before.ended_at is None:
                before.ended_at = takedown.decided_at
            return
        restriction = Restriction(takedown, 1 if before is None else before.turn + 1)
        self._latest[takedown.takedown_id] = restriction
        self.found.append(restriction)


def statements(restrictions: Iterable[Restriction], posted: Mapping[str, Posted]) -> Iterator[Statement]:
    """Give the statement of each restriction that holds somewhere in the European Economic Area."""
    for each in restrictions:
        if scope := scope_of(each.issued.territories):
            yield statement_of(each, scope, posted.get(each.issued.upload_id, UNKNOWN))


def scope_of(territories: tuple[str, ...]) -> tuple[str, ...]:
    """Return the countries of the European Economic Area among these; naming none is everywhere."""
    return tuple(country for country in EEA if not territories or country in territories)


def statement_of(restriction: Restriction, scope: tuple[str, ...], posted: Posted) -> Statement:
    """Return the statement of one restriction."""
    issued = restriction.issued
    said = issued.statement_of_reasons
    kind = TYPES.get(posted.media_type.partition("/")[0].lower(), ContentType.CONTENT_TYPE_OTHER)
    by_machine = said.automated_decision
    return Statement(
        decision_visibility=(Statement.DecisionVisibility.DECISION_VISIBILITY_CONTENT_DISABLED,),
        decision_ground=Statement.DecisionGround.DECISION_GROUND_ILLEGAL_CONTENT,
        illegal_content_legal_ground=LEGAL_GROUND,
        illegal_content_explanation=_within(said.ground, "explanation"),
        category=Statement.Category.STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS,
        category_specification=(Statement.CategorySpecification.KEYWORD_COPYRIGHT_INFRINGEMENT,),
        content_type=(kind,),
        content_type_other=OTHER if kind is ContentType.CONTENT_TYPE_OTHER else None,
        territorial_scope=scope,
        content_date=_content_date(posted.at, issued.decided_at),
        application_date=_day(issued.decided_at),
        end_date_visibility_restriction=_day(restriction.ended_at) if restriction.ended_at else None,
        decision_facts=_within(said.facts, "facts"),
        source_type=Statement.SourceType.SOURCE_TYPE_OTHER_NOTIFICATION,
        automated_detection=Statement.AutomatedDetection.YES
        if said.automated_detection
        else Statement.AutomatedDetection.NO,
        automated_decision=Statement.AutomatedDecision.AUTOMATED_DECISION_FULLY
        if by_machine
        else Statement.AutomatedDecision.AUTOMATED_DECISION_NOT_AUTOMATED,
        puid=issued.takedown_id if restriction.turn == 1 else f"{issued.takedown_id}-{restriction.turn}",
    )


def _content_date(posted_at: datetime | None, decided_at: datetime) -> str:
    """Return the day on which it was posted; what is not known, or cannot be, is taken to be the day it came down."""
    if posted_at is None or posted_at > decided_at or posted_at.astimezone(UTC).date() < CONTENT_DATE_MIN:
        return _day(decided_at)
    return _day(posted_at)


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def _within(text: str, what: str) -> str:
    """Return text that the database takes; it must not be empty, and never is."""
    limit = CHARACTERS_MAX[what]
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
