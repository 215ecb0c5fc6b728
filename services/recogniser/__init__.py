"""Recogniser: finds which references a content resembles by the chunks that they share, from either side.

Reads contents.admitted (digest) and, as a broadcast, references.fingerprinted. Writes contents.compared (digest).
Keeps the samples of its partition's contents that are there, and of every reference in force, found by their chunks.
Promises: each admission of a content is answered by one comparison with all references that are known when it is
met; each reference that comes later is compared with every content that is there, in bounded steps. A content that
is listed for its likeness is no reference: likeness is not transitive.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.recogniser.decide import decide
from services.recogniser.state import Sampled, Walk, everywhere, moved, next_wake, terms

PROCESSOR = Processor(
    name="recogniser",
    engine=Engine.EXACTLY_ONCE,
    reads=(topics.CONTENTS_ADMITTED,),
    broadcasts=(topics.REFERENCES_FINGERPRINTED,),
    writes=(topics.CONTENTS_COMPARED,),
    entries={"": Sampled, "walk": Walk},
    next_wake=next_wake,
    terms=terms,
    decide=decide,
    everywhere=everywhere,
    moved=moved,
    keeps="the samples of its contents and of every reference in force, found by their chunks",
)
