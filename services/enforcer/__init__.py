"""Enforcer: keeps the case of every upload and says what is to happen to it, and why.

Reads uploads.submitted, uploads.read, matches.found, matches.revised (upload_id). Writes copies.changed (digest),
reads.requested, verdicts.decided, takedowns.issued (upload_id), notices.issued (recipient). Keeps per upload the
submission, its content, the verdict, what was taken down, and the deadlines. Promises: it alone knows which
submission is alive; CLEAR is said only about bytes that were read and compared; takedown and reinstatement alternate.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.enforcer.case import Case, next_wake
from services.enforcer.decide import decide

PROCESSOR = Processor(
    name="enforcer",
    engine=Engine.EXACTLY_ONCE,
    reads=(topics.UPLOADS_SUBMITTED, topics.UPLOADS_READ, topics.MATCHES_FOUND, topics.MATCHES_REVISED),
    background=(topics.MATCHES_REVISED,),
    writes=(
        topics.COPIES_CHANGED,
        topics.READS_REQUESTED,
        topics.VERDICTS_DECIDED,
        topics.TAKEDOWNS_ISSUED,
        topics.NOTICES_ISSUED,
    ),
    entries={"": Case},
    next_wake=next_wake,
    decide=decide,
    keeps="the upload's case: submission, content, verdict, takedowns, deadlines",
)
