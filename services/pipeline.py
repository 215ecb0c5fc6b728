"""START HERE: the processors, in the order a record meets them.

One upload: uploads.submitted → hasher → uploads.read → enforcer → copies.changed → matcher → matches.found →
enforcer → verdicts.decided. One registration: works.submitted → registry (→ references.requested → hasher →
references.read → registry) → listings.changed → matcher → listings.applied → registry → works.receipts; at the same
time the matcher passes every copy on through matches.revised, and the enforcer takes it down.
What only resembles a reference: matcher → contents.admitted → recogniser, which has every reference in force from
references.fingerprinted → contents.compared → matcher → resemblances.found → registry → listings.changed → matcher: one
more listing of the work, and the rest is as above.
What takedowns come to: enforcer → strikes.incurred → ledger → strikes.changed, which enforcer and registry follow.
What people look at: every public topic → archivist → the readable record, in SQL.
"""

from services.archivist import ARCHIVIST
from services.contracts.follower import Follower
from services.contracts.processor import Processor
from services.enforcer import PROCESSOR as ENFORCER
from services.hasher import PROCESSOR as HASHER
from services.ledger import PROCESSOR as LEDGER
from services.matcher import PROCESSOR as MATCHER
from services.recogniser import PROCESSOR as RECOGNISER
from services.registry import PROCESSOR as REGISTRY

PIPELINE: tuple[Processor, ...] = (HASHER, REGISTRY, ENFORCER, MATCHER, RECOGNISER, LEDGER)

FOLLOWERS: tuple[Follower, ...] = (ARCHIVIST,)
SERVICES: tuple[str, ...] = (*(each.name for each in PIPELINE), *(each.name for each in FOLLOWERS))
"""The names of all that run."""
