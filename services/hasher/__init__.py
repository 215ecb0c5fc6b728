"""Hasher: reads every upload and reference once and says what bytes it found, or why it found none.

Reads uploads.submitted and reads.requested (upload_id), references.requested (rightsholder_id). Writes uploads.read
(upload_id), references.read (rightsholder_id). Keeps nothing: retries, backoff and deadlines are timers of those who
ask. Promises at least one answer to each question, in any order, and that no slow file delays the others.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.hasher.decide import decide, work

PROCESSOR = Processor(
    name="hasher",
    engine=Engine.AT_LEAST_ONCE,
    reads=(topics.UPLOADS_SUBMITTED, topics.READS_REQUESTED, topics.REFERENCES_REQUESTED),
    writes=(topics.UPLOADS_READ, topics.REFERENCES_READ),
    work=work,
    decide=decide,
)
