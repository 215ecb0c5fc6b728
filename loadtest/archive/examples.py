"""What the archivist enters of facts as the services write them, with names in place of the ids that differ.

One of each kind is taken from the story; `filling.py` makes millions of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from loadtest.deciding.plant import NOW, Plant
from loadtest.deciding.story import Story
from loadtest.target import LoadTestError
from services.archive.tables import DISPUTED_TAKEDOWNS
from services.archivist.entering import enter
from services.archivist.entries import Entry, Recorded, Row
from services.contracts import topics
from services.contracts.codec import decode_record
from services.contracts.decided import NoticeIssued, Recipient, TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.topics import Topic

STORY_RECORDS = 20
Verdict = VerdictDecided.Verdict
SAID = (Verdict.CLEAR, Verdict.BLOCKED, Verdict.HELD)
"""The verdicts that the story has."""
# What stands in an entry for an id, by the field that has it in the fact; ids are made of the number where they differ.
NAMES = {
    "upload_id": "{upload}",
    "uploader_id": "{uploader}",
    "community_id": "{community}",
    "rightsholder_id": "{rightsholder}",
    "work_id": "{work}",
    "decision_id": "d-{number}",
    "takedown_id": "t-{number}",
    "dispute_id": "o-{number}",
    "review_id": "r-{number}",
    "submission_id": "s-{number}",
}
IS = 1
"""Stands for a truth, and for the time that takes its place."""
IS_DOWN = "verdict = 'BLOCKED'"
IS_DISPUTED = "number % 500 = 0"


@dataclass(frozen=True, slots=True)
class Example:
    """An entry, and which of the numbers have one like it, in SQL."""

    entry: Entry
    where: str = "TRUE"


@dataclass(frozen=True, slots=True)
class Examples:
    """What is said of uploads, of works, and of who registers them; `again`: of an upload that comes again."""

    uploads: Sequence[Example]
    again: Sequence[Example]
    works: Sequence[Example]
    rightsholders: Sequence[Example]


def examples() -> Examples:
    """Play the story, and take of it what is needed."""
    plant = Plant()
    Story(plant, STORY_RECORDS, seed=1).play()
    facts = Facts(plant)
    submitted = facts.entry(topics.UPLOADS_SUBMITTED, lambda fact: getattr(fact, "community_id", ""))
    verdicts = {verdict: facts.entry(topics.VERDICTS_DECIDED, _is_of(verdict)) for verdict in SAID}
    decided = [Example(_joined(submitted, entry), f"verdict = '{name}'") for name, entry in verdicts.items()]
    histories = [Example(_history(submitted)), *(replace(one, entry=_history(one.entry)) for one in decided)]
    registered = facts.entry(topics.WORKS_SUBMITTED, lambda fact: fact.register is not None)
    accepted = facts.entry(topics.WORKS_RECEIPTS, _is_accepted)
    held = facts.entry(topics.WORKS_RECEIPTS, _is_accepted, status=WorkReceipt.Status.HELD)
    return Examples(
        uploads=[Example(_history(submitted)), *decided, *_takedowns(facts), *_people(facts)],
        again=histories,
        works=[
            Example(_history(registered)),
            Example(_joined(registered, accepted), "number % 50 != 0"),
            Example(_joined(registered, held), "number % 50 = 0"),
        ],
        rightsholders=[Example(facts.entry(topics.RIGHTSHOLDERS_SUBMITTED, lambda fact: fact.enroll is not None))],
    )


def _history(entry: Entry) -> Entry:
    """Return an entry without what is so at present: another has that, together with its own."""
    return entry._replace(present=())


def _joined(first: Entry, second: Entry) -> Entry:
    """Return the second entry, with what is so at present since both."""
    there = {row.table: row.values for row in first.present}

    def join(row: Row) -> Row:
        new = {name: value for name, value in row.values.items() if value is not None}
        return Row(row.table, {**there.get(row.table, row.values), **new})

    return second._replace(present=tuple(map(join, second.present)))


def _takedowns(facts: "Facts") -> Iterator[Example]:
    """Give a takedown, what two people were told of it, and which dispute is about it."""
    yield Example(
        facts.entry(topics.TAKEDOWNS_ISSUED, lambda fact: fact.status is TakedownIssued.Status.ISSUED), IS_DOWN
    )
    for kind in (Recipient.Kind.UPLOADER, Recipient.Kind.COMMUNITY):
        yield Example(facts.entry(topics.NOTICES_ISSUED, _is_to(kind)), IS_DOWN)
    yield Example(facts.entry(topics.DISPUTES_SUBMITTED, lambda fact: fact.dispute is not None), IS_DISPUTED)
    link = {column.name: NAMES.get(column.name) or IS for column in DISPUTED_TAKEDOWNS.columns}
    yield Example(Entry(None, (Row(DISPUTED_TAKEDOWNS, link),)), IS_DISPUTED)


def _people(facts: "Facts") -> Iterator[Example]:
    """Give what a person decided, and how an uploader stands."""
    yield Example(facts.entry(topics.REVIEWS_SUBMITTED, lambda fact: fact.upload is not None), "number % 500 = 2")
    yield Example(facts.entry(topics.STRIKES_CHANGED, _is_watched), "number % 1000 = 5")


class Facts:
    """What a plant's services have said."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant

    def entry(self, topic: Topic, fits: Callable[[Any], object], **otherwise: object) -> Entry:
        """Return the entry of the first fact that fits, with names in place of ids; `otherwise`: what it is to say."""
        for record in self._plant.written(topic):
            if record.value is not None:
                key, fact = decode_record(topic, record.key, record.value)
                if fits(fact):
                    fact = msgspec.structs.replace(fact, **otherwise)
                    return named(enter(Recorded(topic, 0, record.offset, NOW, key, fact)), fact)
        raise LoadTestError(f"The story has no such fact on {topic.name}.")


def named(entry: Entry, fact: Any) -> Entry:
    """Return an entry with names in place of the fact's ids."""
    ids = dict(sorted(_ids(fact), key=lambda pair: -len(pair[0])))

    def name(value: Any) -> Any:
        for known, by in ids.items() if isinstance(value, str) else ():
            value = value.replace(known, by)
        return value

    def row(one: Row) -> Row:
        return Row(one.table, {column: name(value) for column, value in one.values.items()})

    return entry._replace(
        fact=row(entry.fact) if entry.fact else None,
        present=tuple(map(row, entry.present)),
        work_counts=tuple(
            each._replace(rightsholder_id=NAMES["rightsholder_id"], work_id=NAMES["work_id"])
            for each in entry.work_counts
        ),
    )


def _ids(fact: Any) -> Iterator[tuple[str, str]]:
    """Give every id of a fact and what is to stand for it."""
    match fact:
        case Recipient() | Standee():
            kinds = {"UPLOADER": "uploader_id", "COMMUNITY": "community_id"}
            yield fact.id, NAMES[kinds.get(fact.kind.value, "rightsholder_id")]
        case NoticeIssued():
            yield fact.notice_id, f"{fact.recipient.kind.value}-{{number}}"
            yield from _ids((fact.recipient, fact.about))
        case msgspec.Struct():
            for field in fact.__struct_fields__:
                value = getattr(fact, field)
                if field in NAMES and value:
                    yield value, NAMES[field]
                else:
                    yield from _ids(value)
        case tuple():
            for each in fact:
                yield from _ids(each)


def _is_of(verdict: Verdict) -> Callable[[VerdictDecided], bool]:
    return lambda fact: fact.verdict is verdict


def _is_to(kind: Recipient.Kind) -> Callable[[Any], bool]:
    return lambda fact: fact.recipient.kind is kind and bool(fact.about.upload_id) and bool(fact.about.takedown_id)


def _is_accepted(fact: WorkReceipt) -> bool:
    return fact.status is WorkReceipt.Status.ACCEPTED and bool(fact.work_id)


def _is_watched(fact: StrikesChanged) -> bool:
    return fact.subject.kind is Standee.Kind.UPLOADER and fact.standing is StrikesChanged.Standing.WATCHED
