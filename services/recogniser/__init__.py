"""Recogniser: finds which references a content resembles by the chunks that they share, from either side.

Reads contents.admitted (digest) and, as a broadcast, references.fingerprinted. Writes contents.compared (digest).
Keeps the samples of its partition's contents that are there, and of every reference in force, found by their chunks.
Where that outgrows a machine it is divided by the chunks' digests: then units that have a whole index together write
contents.divided and contents.met (digest) to one another.
Promises: each admission of a content is answered by one comparison with all references that are known when it is
met; each reference that comes later is compared with every content that is there, in bounded steps. A content that
is listed for its likeness is no reference: likeness is not transitive.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.recogniser.decide import decide
from services.recogniser.moving import placed
from services.recogniser.state import Sampled, Tally, Walk, everywhere, next_wake, terms

PROCESSOR = Processor(
    name="recogniser",
    engine=Engine.EXACTLY_ONCE,
    reads=(topics.CONTENTS_ADMITTED, topics.CONTENTS_DIVIDED, topics.CONTENTS_MET),
    broadcasts=(topics.REFERENCES_FINGERPRINTED,),
    writes=(topics.CONTENTS_DIVIDED, topics.CONTENTS_MET, topics.CONTENTS_COMPARED),
    is_divided=True,
    entries={"": Sampled, "walk": Walk, "tally": Tally},
    next_wake=next_wake,
    terms=terms,
    decide=decide,
    everywhere=everywhere,
    placed=placed,
    keeps="the samples of its contents and of every reference in force, found by their chunks",
)
