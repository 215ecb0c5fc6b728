"""Enforcer: keeps the case of every upload and says what is to happen to it, and why.

Reads uploads.submitted, uploads.read, matches.found, disputes.submitted, reviews.submitted, matches.revised
(upload_id) and, as a broadcast, strikes.changed. Writes copies.changed, contents.ruled (digest), reads.requested,
verdicts.decided, takedowns.issued (upload_id), notices.issued (recipient), strikes.incurred (subject). Keeps per upload
the submission, its content, what it matches, the verdict, what was taken down, disputes, and the deadlines. Promises:
it alone knows which submission is alive; CLEAR is said only about bytes that were read and compared; takedown and
reinstatement alternate; each step of a dispute is told to the other side, and a refused one to who took it.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.enforcer.case import MATCH, OBJECTIONS, STANDING, Case, Found, Objections, Stood, next_wake
from services.enforcer.decide import decide
from services.enforcer.measuring import tallies
from services.enforcer.standing import everywhere

PROCESSOR = Processor(
    name="enforcer",
    engine=Engine.EXACTLY_ONCE,
    reads=(
        topics.UPLOADS_SUBMITTED,
        topics.UPLOADS_READ,
        topics.MATCHES_FOUND,
        topics.DISPUTES_SUBMITTED,
        topics.REVIEWS_SUBMITTED,
        topics.MATCHES_REVISED,
    ),
    background=(topics.MATCHES_REVISED,),
    broadcasts=(topics.STRIKES_CHANGED,),
    writes=(
        topics.COPIES_CHANGED,
        topics.CONTENTS_RULED,
        topics.READS_REQUESTED,
        topics.VERDICTS_DECIDED,
        topics.TAKEDOWNS_ISSUED,
        topics.NOTICES_ISSUED,
        topics.STRIKES_INCURRED,
    ),
    entries={"": Case, MATCH: Found, OBJECTIONS: Objections, STANDING: Stood},
    next_wake=next_wake,
    decide=decide,
    everywhere=everywhere,
    tallies=tallies,
    keeps="the upload's case: submission, content, verdict, takedowns, deadlines; what it matches, its disputes",
)
