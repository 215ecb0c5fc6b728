"""Registry: keeps who may register, what they registered, and answers every submission.

Reads rightsholders.submitted (first), works.submitted, references.read, listings.applied (rightsholder_id). Writes
works.receipts, references.requested (rightsholder_id), listings.changed (digest). Keeps per rightsholder the
enrolment and the submissions of 90 days, and under it each work. Promises: one final answer to each submission;
ACCEPTED only when every listing is applied; RELEASED only when none is left; one work's actions in their order.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.registry.decide import decide
from services.registry.state import Rightsholder, Submission, Work, next_wake

PROCESSOR = Processor(
    name="registry",
    engine=Engine.EXACTLY_ONCE,
    first=(topics.RIGHTSHOLDERS_SUBMITTED,),
    reads=(
        topics.RIGHTSHOLDERS_SUBMITTED,
        topics.WORKS_SUBMITTED,
        topics.REFERENCES_READ,
        topics.LISTINGS_APPLIED,
    ),
    writes=(topics.WORKS_RECEIPTS, topics.REFERENCES_REQUESTED, topics.LISTINGS_CHANGED),
    entries={"": Rightsholder, "step": Submission, "submission": Submission, "work": Work},
    next_wake=next_wake,
    decide=decide,
    keeps="per rightsholder: enrolment, submission ids of 90 days; under it each work",
)
