"""Which works are in force in the end, on what terms: every action of every rightsholder, one after another.

The actions on one work take effect in the order of their receipts, those on a catalogue in that of the submissions: a
settlement ends what was said before it, whenever that is answered.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from services.contracts.decided import WorkReceipt
from services.contracts.inside import ListingApplied, ListingChanged
from services.contracts.sample import Likeness
from services.contracts.submitted import (
    Exclude,
    License,
    Reference,
    Register,
)
from services.contracts.topics import (
    LISTINGS_APPLIED,
    LISTINGS_CHANGED,
    WORKS_RECEIPTS,
)
from tests.simulator.files import Files, content_of
from tests.simulator.likeness import likeness
from tests.simulator.log import Log, facts
from tests.simulator.sayings import Said, accounts_of, actions

Status = WorkReceipt.Status
Answer = ListingApplied.Answer
Change = ListingChanged.Change

Work = tuple[str, str]
Cut = tuple[Exclude, str]


@dataclass(frozen=True)
class InForce:
    """A registration that holds: its references' digests by name, and which of them were read as files.

    `order`: its place among all that its rightsholder said. `catalogue`: the licences for all of their works.
    `similar`: what is listed for its likeness, by reference, where a limit was set to it; None where there was none.
    """

    submission_id: str
    references: Mapping[str, str]
    read: frozenset[str]
    order: int = 0
    register: Register = field(default_factory=lambda: Register("a song"))
    licences: Mapping[str, License] = field(default_factory=dict)
    catalogue: Mapping[str, License] = field(default_factory=dict)
    excluded: tuple[Exclude, ...] = ()
    accounts: frozenset[str] = frozenset()
    similar: frozenset[tuple[str, str]] | None = None

    @property
    def digests(self) -> frozenset[str]:
        """The bytes that it names."""
        return frozenset(self.references.values())

    @property
    def all_licences(self) -> tuple[License, ...]:
        """Every licence for it, in whichever way it was given."""
        return (*self.licences.values(), *self.catalogue.values())

    def alike(self, digest: str) -> dict[str, Likeness]:
        """Return, by reference, how some bytes resemble what it names; one given by digest resembles nothing."""
        found = {name: likeness(digest, self.references[name]) for name in self.read}
        return {
            name: one
            for name, one in found.items()
            if one is not None and (self.similar is None or (name, digest) in self.similar)
        }


@dataclass(frozen=True)
class Listings:
    """What the log says of listings: the version of each submission, which were dropped, what is alike.

    `limited`: the submissions whose copies were counted first, and which no person has approved.
    """

    versions: Mapping[tuple[Work, str], int]
    limited: frozenset[tuple[Work, str]]
    dropped: frozenset[tuple[Work, str, int]]
    similar: frozenset[tuple[Work, str, str]]


class Known(NamedTuple):
    """What the walk goes by besides what was said."""

    listings: Listings
    files: Files


def works_in_force(log: Log, files: Files) -> dict[Work, InForce]:
    """Return what holds in the end."""
    listings, accounts = listings_of(log), accounts_of(log)
    found: dict[Work, InForce] = {}
    for rightsholder, said in actions(log).items():
        catalogue, settled = _catalogue(said)
        for work_id in sorted({one.fact.work_id for one in said if not one.is_of_catalogue}):
            work = (rightsholder, work_id)
            of_work = [one for one in said if one.fact.work_id == work_id and not one.is_of_catalogue]
            current = _walk(work, of_work, settled, Known(listings, files))
            if current is not None:
                found[work] = _with(current, work, catalogue, accounts.get(rightsholder, frozenset()), listings)
    return found


def listings_of(log: Log) -> Listings:
    """Return what is to be known of listings."""
    versions: dict[tuple[Work, str], int] = {}
    counted: set[tuple[Work, str]] = set()
    similar: dict[tuple[Work, str, str], bool] = {}
    for _, one in facts(log, LISTINGS_CHANGED, ListingChanged):
        work = (one.rightsholder_id, one.work_id)
        if one.similar and one.version >= 0 and one.change in (Change.LISTED, Change.ENDED):
            similar[work, one.reference_id, one.digest] = one.listed
        elif one.change is Change.LISTED or one.change is Change.COUNTED:
            versions[work, one.submission_id] = one.version
        if one.change is Change.COUNTED:
            counted.add((work, one.submission_id))
    answered: dict[tuple[Work, str, int], set[Answer]] = {}
    for _, applied in facts(log, LISTINGS_APPLIED, ListingApplied):
        if not applied.similar:
            name = ((applied.rightsholder_id, applied.work_id), applied.reference_id, applied.version)
            answered.setdefault(name, set()).add(applied.answer)
    dropped = frozenset(name for name, those in answered.items() if Answer.APPLIED not in those)
    held = {
        ((one.rightsholder_id, one.work_id), one.submission_id)
        for _, one in facts(log, WORKS_RECEIPTS, WorkReceipt)
        if one.status is Status.HELD
    }
    listed = frozenset(name for name, is_listed in similar.items() if is_listed)
    return Listings(versions, frozenset(counted - held), dropped, listed)


def _catalogue(said: list[Said]) -> tuple[dict[str, License], list[int]]:
    """Return the licences for everything that one rightsholder holds, and the places of their settlements."""
    licences: dict[str, License] = {}
    settled = []
    for one in said:
        if not one.is_of_catalogue or not one.is_done:
            continue
        if one.fact.license_catalogue is not None:
            licences[one.fact.license_catalogue.license_id] = one.fact.license_catalogue
        elif one.fact.revoke is not None:
            assert one.fact.revoke.license_id in licences, f"{one.receipt} of a licence that there was not"
            licences.pop(one.fact.revoke.license_id)
        else:
            settled.append(one.order)
    return licences, settled


class _State(NamedTuple):
    """A work on its way: what is in force, its own licences, and what is excluded of which bytes."""

    current: InForce | None = None
    licences: Mapping[str, License] = MappingProxyType({})
    excluded: frozenset[Cut] = frozenset()


def _walk(work: Work, said: list[Said], settled: list[int], known: Known) -> InForce | None:
    """Return what is in force of a work when all has been said and answered."""
    state, settlement = _State(), -1
    registered = [one for one in said if one.fact.register is not None]
    for one in sorted(said, key=lambda one: one.answered.offset):
        for order in settled:
            if settlement < order and _last_order(state, registered, one) < order < one.order:
                state, settlement = _State(), order
        waiting = [other for other in registered if other is not one and _may_wait(other, one)]
        if one.is_done and one.order > settlement:
            state = _after(work, state, one, waiting, known)
        elif _has_ended(one) and state.current is None and not waiting:
            state = _State()  # of a work of which nothing is registered no rights are kept
    current = state.current
    if current is None or any(current.order < order for order in settled):
        return None
    excluded = [cut for cut in state.excluded if current.references.get(cut[0].reference_id) == cut[1]]
    return _changed(current, licences=state.licences, excluded=tuple(segment for segment, _ in excluded))


def _has_ended(one: Said) -> bool:
    """Tell whether it is a registration that waits for nobody any more."""
    return one.fact.register is not None and one.receipt.status is not Status.HELD


def _last_order(state: _State, registered: list[Said], one: Said) -> int:
    """Return the place of the last registration before an action that its work rests on."""
    if state.current is not None:
        return state.current.order
    return max((other.order for other in registered if other.order < one.order), default=one.order)


def _may_wait(other: Said, one: Said) -> bool:
    """Tell whether a registration may have waited, for a person or its turn, when another action was answered."""
    was_there = (
        other.receipt.received_at <= one.receipt.decided_at
    )  # by the registry, to which its topic may have lagged
    still = other.receipt.status is Status.HELD or other.answered.offset > one.answered.offset
    return was_there and still


def _after(work: Work, state: _State, one: Said, waiting: list[Said], known: Known) -> _State:
    """Return a work after an action on it that was carried out."""
    fact = one.fact
    if fact.register is not None:
        new = _registered(work, one, known)
        same = {cut for cut in state.excluded if new.references.get(cut[0].reference_id) == cut[1]}
        return _State(new, state.licences, frozenset(same))
    if fact.release is not None:
        return _State()
    assert state.current is not None or waiting, f"{one.receipt} on a work that was not registered"
    licences, excluded = dict(state.licences), set(state.excluded)
    if fact.license is not None:
        licences[fact.license.license_id] = fact.license
    elif fact.revoke is not None:
        assert fact.revoke.license_id in licences, f"{one.receipt} of a licence that there was not"
        licences.pop(fact.revoke.license_id)
    elif fact.exclude is not None:
        cut = fact.exclude
        digests = {state.current.references.get(cut.reference_id, "")} if state.current else set()
        for other in waiting:
            assert other.fact.register is not None
            if other.held is None or other.held.offset > one.answered.offset:
                continue
            refs = [ref for ref in other.fact.register.references if ref.reference_id == cut.reference_id]
            digests |= {_digest(ref, known.files) for ref in refs}
        excluded |= {(cut, digest) for digest in digests if digest}
    return _State(state.current, licences, frozenset(excluded))


def _registered(work: Work, one: Said, known: Known) -> InForce:
    register, listings = one.fact.register, known.listings
    assert register is not None
    version = listings.versions[work, one.fact.submission_id]
    kept = [ref for ref in register.references if (work, ref.reference_id, version) not in listings.dropped]
    references = {ref.reference_id: _digest(ref, known.files) for ref in kept}
    read = frozenset(ref.reference_id for ref in kept if ref.content is None)
    return InForce(one.fact.submission_id, references, read, one.order, register)


def _with(
    current: InForce, work: Work, catalogue: Mapping[str, License], accounts: frozenset[str], listings: Listings
) -> InForce:
    is_limited = (work, current.submission_id) in listings.limited
    similar = frozenset((name, digest) for of, name, digest in listings.similar if of == work)
    return _changed(current, catalogue=catalogue, accounts=accounts, similar=similar if is_limited else None)


def _changed(one: InForce, **changes: object) -> InForce:
    return dataclasses.replace(one, **changes)  # type: ignore[arg-type]  # the same fields


def _digest(one: Reference, files: Files) -> str:
    return one.content.blake3 if one.content else content_of(str(files.now(one.uri))).blake3
