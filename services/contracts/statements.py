"""A statement of reasons in the terms of the transparency database of the European Union (CONTRACT: `proto/`).

The database's API names the fields and the values; a test has protobuf's own JSON parser read what is exported.
"""

from enum import StrEnum

from msgspec import Struct


class TransparencyStatement(Struct, frozen=True, kw_only=True):
    """Why access to one upload was disabled for one work (Regulation (EU) 2022/2065, Articles 17 and 24(5))."""

    class DecisionVisibility(StrEnum):
        """What was restricted about the upload's visibility: access is disabled, and nothing is ever removed."""

        DECISION_VISIBILITY_CONTENT_DISABLED = "DECISION_VISIBILITY_CONTENT_DISABLED"

    class DecisionGround(StrEnum):
        """What the decision rests on."""

        DECISION_GROUND_ILLEGAL_CONTENT = "DECISION_GROUND_ILLEGAL_CONTENT"

    class Category(StrEnum):
        """What kind of illegal content."""

        STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS = (
            "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS"
        )

    class CategorySpecification(StrEnum):
        """The same more closely."""

        KEYWORD_COPYRIGHT_INFRINGEMENT = "KEYWORD_COPYRIGHT_INFRINGEMENT"

    class ContentType(StrEnum):
        """What the upload is."""

        CONTENT_TYPE_AUDIO = "CONTENT_TYPE_AUDIO"
        CONTENT_TYPE_IMAGE = "CONTENT_TYPE_IMAGE"
        CONTENT_TYPE_TEXT = "CONTENT_TYPE_TEXT"
        CONTENT_TYPE_VIDEO = "CONTENT_TYPE_VIDEO"
        CONTENT_TYPE_OTHER = "CONTENT_TYPE_OTHER"

    class SourceType(StrEnum):
        """How it came to the platform's knowledge.

        A registration names a work and no place where a copy of it is, so it is no notice of Article 16, which has to
        name the exact location (Article 16(2)(b)).
        """

        SOURCE_TYPE_OTHER_NOTIFICATION = "SOURCE_TYPE_OTHER_NOTIFICATION"

    class AutomatedDetection(StrEnum):
        """Whether it was found by a machine."""

        YES = "Yes"
        NO = "No"

    class AutomatedDecision(StrEnum):
        """Whether it was decided by a machine."""

        AUTOMATED_DECISION_FULLY = "AUTOMATED_DECISION_FULLY"
        AUTOMATED_DECISION_NOT_AUTOMATED = "AUTOMATED_DECISION_NOT_AUTOMATED"

    decision_visibility: tuple[DecisionVisibility, ...]
    decision_ground: DecisionGround
    illegal_content_legal_ground: str
    illegal_content_explanation: str
    category: Category
    category_specification: tuple[CategorySpecification, ...]
    content_type: tuple[ContentType, ...]
    content_type_other: str | None = None
    territorial_scope: tuple[str, ...]
    content_date: str
    application_date: str
    end_date_visibility_restriction: str | None = None
    decision_facts: str
    source_type: SourceType
    automated_detection: AutomatedDetection
    automated_decision: AutomatedDecision
    puid: str
