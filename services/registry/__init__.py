"""Registry: keeps who may register, what they registered and license, and answers every submission.

Reads rightsholders.submitted (first), works.submitted, reviews.submitted, references.read, listings.applied,
resemblances.found (rightsholder_id), and everywhere strikes.changed. Writes works.receipts, references.requested
(rightsholder_id), listings.changed (digest), references.fingerprinted (the reference), notices.issued (recipient).
Keeps per rightsholder the enrolment, what holds for all of their works, their standing and the submissions of 90 days,
and under it each work, with what resembles it. Promises: one final answer to each submission; ACCEPTED, LICENSED,
REVOKED and EXCLUDED only when every listing is applied; RELEASED only when none is left; one work's actions in their
order; what a newcomer registers takes down no more than they may before a person has approved it; each resemblance is
answered by one change of a listing.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.contracts.sample import Sample
from services.registry.decide import decide
from services.registry.state import Judged, Resembling, Rightsholder, Submission, Work, everywhere, next_wake, tallies

PROCESSOR = Processor(
    name="registry",
    engine=Engine.EXACTLY_ONCE,
    first=(topics.RIGHTSHOLDERS_SUBMITTED,),
    reads=(
        topics.RIGHTSHOLDERS_SUBMITTED,
        topics.WORKS_SUBMITTED,
        topics.REVIEWS_SUBMITTED,
        topics.REFERENCES_READ,
        topics.LISTINGS_APPLIED,
        topics.RESEMBLANCES_FOUND,
    ),
    broadcasts=(topics.STRIKES_CHANGED,),
    writes=(
        topics.WORKS_RECEIPTS,
        topics.REFERENCES_REQUESTED,
        topics.LISTINGS_CHANGED,
        topics.REFERENCES_FINGERPRINTED,
        topics.NOTICES_ISSUED,
    ),
    entries={
        "": Rightsholder,
        "step": Submission,
        "submission": Submission,
        "forged": Submission,
        "review": Submission,
        "other": Submission,
        "standing": Judged,
        "work": Work,
        "sample": Sample,
        "like": Resembling,
    },
    next_wake=next_wake,
    decide=decide,
    everywhere=everywhere,
    tallies=tallies,
    keeps="per rightsholder: enrolment, standing, rights, submission ids of 90 days; under it works, what is like them",
)
