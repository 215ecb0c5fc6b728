"""A processor made for testing the engine: it chains what it is told under each key, so that any slip shows.

The first word of `Told.do` may ask for trouble. Told on the side "all" it is a broadcast, which each unit chains for
itself. Run as `python -m tests.kafka.engine.sample PREFIX [first] [broadcast] [mended]`.
"""

import sys
from dataclasses import dataclass, replace
from typing import assert_never

import msgspec
import xxhash

from services.contracts.processor import HEAD, Decision, Emit, Engine, Event, Processor, View, Woken
from services.contracts.topics import Cleanup, Topic
from services.runtime.run import run


@dataclass(frozen=True, slots=True)
class Told:
    """Something to be chained: `do` is "", "wake" (at `number`), "fan" (`number` steps), "poison" or "large"."""

    key: str
    id: str
    side: str
    do: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Linked:
    """What came of it: how many of its side there were, and the hash over all of them in their order."""

    key: str
    id: str
    side: str
    count: int
    chain: int
    other: int
    now: int
    padding: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """The state under a key: count and hash of each side, and when it wants to be woken."""

    left: int = 0
    left_chain: int = 0
    right: int = 0
    right_chain: int = 0
    wake_at: int | None = None
    fan: int = 0


@dataclass(frozen=True, slots=True)
class Followed:
    """What a unit keeps of the broadcasts about a key: their count and hash."""

    count: int = 0
    chain: int = 0


def link(chain: int, identity: str) -> int:
    """Return the hash over one more id; 48 bits, which any JSON reader keeps."""
    return int(xxhash.xxh3_64_intdigest(identity.encode(), chain)) >> 16


def sample(prefix: str, first: bool = False, broadcast: bool = False, mended: bool = False) -> Processor:
    """Return the processor, with topics of its own; the `mended` one takes poison for something ordinary."""
    left = Topic(f"{prefix}.left", "key", Told, ("tests",), "public", from_world=True)
    right = Topic(f"{prefix}.right", "key", Told, ("tests",), "inside", public=False)
    every = Topic(f"{prefix}.all", "key", Told, ("tests",), "broadcast", from_world=True)
    out = Topic(f"{prefix}.out", "key", Linked, (prefix,), "public", cleanup=Cleanup.KEEP)
    return Processor(
        name=prefix,
        engine=Engine.EXACTLY_ONCE,
        reads=(left, right),
        first=(left,) if first else (),
        broadcasts=(every,) if broadcast else (),
        writes=(out,),
        entries={"": Chain, "id": Told, "all": Followed},
        is_divided=True,
        next_wake=lambda entry: entry.wake_at if isinstance(entry, Chain) else None,
        decide=lambda state, event: _decide(out, state, _cured(event) if mended else event),
    )


def _cured(event: Event) -> Event:
    is_poison = isinstance(event.fact, Told) and event.fact.do == "poison"
    return msgspec.structs.replace(event, fact=replace(event.fact, do="")) if is_poison else event


def _decide(out: Topic, state: View, event: Event) -> Decision:
    fact: Told | Woken = event.fact
    match fact:
        case Woken():
            return _woken(out, state.get() or Chain(), event)
        case Told(side="all"):
            return _followed(out, state.get("all/chain") or Followed(), fact, event)
        case Told():
            return _told(out, state.get() or Chain(), fact, event)
        case _:
            assert_never(fact)


def _followed(out: Topic, before: Followed, fact: Told, event: Event) -> Decision:
    if fact.do == "poison":
        raise ValueError("poison")
    after = Followed(before.count + 1, link(before.chain, fact.id))
    side = f"all-{event.partition}"
    said = Linked(event.key, fact.id, side, after.count, after.chain, event.offset, event.now)
    return Decision({"all/chain": after}, [Emit(out, event.key, said)])


def _woken(out: Topic, chain: Chain, event: Event) -> Decision:
    at = chain.wake_at or 0
    left_over = max(0, chain.fan - 1)
    after = replace(chain, wake_at=0 if left_over else None, fan=left_over)
    said = Linked(event.key, f"woken-{at}-{chain.fan}", "woken", at, 0, chain.fan, event.now)
    return Decision({HEAD: after}, [Emit(out, event.key, said)])


def _told(out: Topic, chain: Chain, fact: Told, event: Event) -> Decision:
    if fact.do == "poison":
        raise ValueError("poison")
    after = _chained(chain, fact)
    count, chained, other = after.left, after.left_chain, after.right
    if fact.side == "right":
        count, chained, other = after.right, after.right_chain, after.left
    padding = "x" * fact.number if fact.do == "large" else ""
    said = Linked(event.key, fact.id, fact.side, count, chained, other, event.now, padding)
    return Decision({HEAD: after, f"id/{fact.id}": fact}, [Emit(out, event.key, said)])


def _chained(chain: Chain, fact: Told) -> Chain:
    if fact.do == "wake":
        chain = replace(chain, wake_at=fact.number)
    if fact.do == "fan":
        chain = replace(chain, wake_at=0, fan=fact.number)
    if fact.side == "left":
        return replace(chain, left=chain.left + 1, left_chain=link(chain.left_chain, fact.id))
    return replace(chain, right=chain.right + 1, right_chain=link(chain.right_chain, fact.id))


if __name__ == "__main__":
    run(sample(sys.argv[1], *(option in sys.argv[2:] for option in ("first", "broadcast", "mended"))))
