"""Ledger: counts strikes and lost claims, and says how uploaders, communities and rightsholders stand.

Reads strikes.incurred (subject.id). Writes strikes.changed and notices.issued (the same id). Keeps per uploader and
community each takedown that counts, with its end, and how many there are; per rightsholder the takedowns and the lost
claims of each day of the window. An uploader, a community and a rightsholder may have the same id and so share a key:
whatever is kept is named by kind.
Promises: a takedown is one strike, however often it is told of, and none once it has ended; every change of a standing
is told once, to everybody and to whom it is about; the thresholds are the same for all, those of `contracts/rules.py`.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.ledger.decide import decide
from services.ledger.state import Claims, Strike, Strikes, next_wake

# Nobody waits for a strike: a takedown is told without it, and at a busy time a transaction is shared by more of them.
REST_MS = 400

PROCESSOR = Processor(
    name="ledger",
    engine=Engine.EXACTLY_ONCE,
    reads=(topics.STRIKES_INCURRED,),
    writes=(topics.STRIKES_CHANGED, topics.NOTICES_ISSUED),
    entries={"strike": Strike, "strikes": Strikes, "claims": Claims},
    next_wake=next_wake,
    decide=decide,
    rest_ms=REST_MS,
    keeps="per uploader and community each strike that counts; per rightsholder takedowns and lost claims by day",
)
