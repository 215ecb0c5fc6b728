"""From Kafka's records to facts, or to dead letters that say what was wrong."""

from services.archivist import ARCHIVIST
from services.archivist.entries import Recorded
from services.contracts.codec import decode_key
from services.contracts.malformed import MalformedError
from services.contracts.topics import VERDICTS_DECIDED
from services.runtime.intake import DeadLetter, Record, dead_letter, read_record

TOPICS = {topic.name: topic for topic in ARCHIVIST.reads}


def read(topic_name: str, record: Record, at_ms: int, now_ms: int) -> Recorded | DeadLetter:
    """Return what a record says, or the dead letter that it becomes.

    A null value of a verdict says that its upload was deleted; of it the contract has no fact.
    """
    topic = TOPICS[topic_name]
    try:
        if topic is VERDICTS_DECIDED and record.value is None:
            return Recorded(topic, record.partition, record.offset, at_ms, decode_key(record.key), None)
        key, fact = read_record(topic, record)
    except MalformedError as error:
        return dead_letter(ARCHIVIST.name, topic, record, error, now_ms)
    return Recorded(topic, record.partition, record.offset, at_ms, key, fact)
