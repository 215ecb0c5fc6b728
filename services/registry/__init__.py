"""Registry: keeps who may register, what they registered, and answers every submission.

Reads rightsholders.submitted (first), works.submitted, references.read, listings.applied, resemblances.found
(rightsholder_id). Writes works.receipts, references.requested (rightsholder_id), listings.changed (digest),
references.fingerprinted (the reference). Keeps per rightsholder the enrolment and the submissions of 90 days, and
under it each work, with what resembles it. Promises: one final answer to each submission; ACCEPTED only when every
listing is applied; RELEASED only when none is left; one work's actions in their order; each resemblance is answered
by one change of a listing.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.contracts.sample import Sample
from services.registry.decide import decide
from services.registry.state import Resembling, Rightsholder, Submission, Work, next_wake

PROCESSOR = Processor(
    name="registry",
    engine=Engine.EXACTLY_ONCE,
    first=(topics.RIGHTSHOLDERS_SUBMITTED,),
    reads=(
        topics.RIGHTSHOLDERS_SUBMITTED,
        topics.WORKS_SUBMITTED,
        topics.REFERENCES_READ,
        topics.LISTINGS_APPLIED,
        topics.RESEMBLANCES_FOUND,
    ),
    writes=(
        topics.WORKS_RECEIPTS,
        topics.REFERENCES_REQUESTED,
        topics.LISTINGS_CHANGED,
        topics.REFERENCES_FINGERPRINTED,
    ),
    entries={
        "": Rightsholder,
        "step": Submission,
        "submission": Submission,
        "work": Work,
        "sample": Sample,
        "like": Resembling,
    },
    next_wake=next_wake,
    decide=decide,
    keeps="per rightsholder: enrolment, submission ids of 90 days; under it each work and what resembles it",
)
