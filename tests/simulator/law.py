"""A random history in which the law of the case is used, and tried: rights, licences, disputes, reviews, standing.

Names are few and shared: an account and a community are called as a rightsholder is. What is said is now right, now
wrong, now too late, by steps that nobody would take in that order.
"""

from collections.abc import Callable, Iterable, Mapping
from random import Random

from services.contracts.decided import TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.topics import (
    DISPUTES_SUBMITTED,
    REVIEWS_SUBMITTED,
    TAKEDOWNS_ISSUED,
    VERDICTS_DECIDED,
    WORKS_SUBMITTED,
    Topic,
)
from services.contracts.types import timestamp
from tests.simulator.files import Files
from tests.simulator.history import RIGHTSHOLDERS, History, World
from tests.simulator.signatures import public_key_of, signed
from tests.simulator.topics import Headers

SECOND_MS = 1_000
HOUR_MS = 3_600 * SECOND_MS
DAY_MS = 24 * HOUR_MS
JUMPS_MS = (SECOND_MS, 40 * SECOND_MS, HOUR_MS, DAY_MS, 11 * DAY_MS, 17 * DAY_MS, 31 * DAY_MS)
JUMPED_MS_MAX = 70 * DAY_MS
"""In all: a submission_id is forgotten after 90 days, and is then a new one."""

UPLOADERS = ("someone", "label", "ann")
COMMUNITIES = ("", "fans", "label")
PLACES = ("DE", "FR", "US")
NOWHERE = "ZZ"
CHURN = {"release": 1, "submit": 5, "file_changes": 1, "again": 2}
"""What happens less often than in other histories, so that people can finish what they have begun."""

LATELY = 6
"""How many of the uploads that came last people look at."""

LICENCES = ("one", "other")
GROUNDS = ("MISIDENTIFIED", "LICENSED", "PUBLIC_DOMAIN", "OWN_WORK", "EXCEPTION")


class LawHistory(History):
    """Publishes one random fact at a time, of all that there are."""

    ENROLLED = 0.95

    def __init__(self, cluster: World, files: Files, random: Random, missing: float = 0.1) -> None:
        """`missing`: as of every history."""
        self.keys: dict[str, str] = {}
        self.jumped_ms = 0
        self.with_keys = random.random() < 0.2
        self.on_probation = random.choice((0.0, 0.0, 0.5))
        self.policies = random.choice((("BLOCK",), ("BLOCK", "BLOCK", "REVIEW"), ("BLOCK", "REVIEW", "TRACK")))
        self.decisions: list[tuple[str, str]] = []
        self.held: list[WorkReceipt] = []
        self.accepted: list[tuple[str, str]] = []
        self.quarrels: list[tuple[dict[str, str], str]] = []
        super().__init__(cluster, files, random, missing)

    def doings(self) -> list[tuple[Callable[[], None], int]]:
        """Return what can happen, and how often it does beside the others."""
        more = (
            (self.license, 3),
            (self.license_catalogue, 1),
            (self.revoke, 2),
            (self.exclude, 1),
            (self.settle, 1),
            (self.dispute, 6),
            (self.go_on, 5 if self.quarrels else 0),
            (self.review_upload, 5),
            (self.review_work, 2 if self.held else 0),
            (self.wait, 4),
        )
        return [*((doing, CHURN.get(doing.__name__, weight)) for doing, weight in super().doings()), *more]

    def react(self, receipts: Iterable[WorkReceipt]) -> None:
        """Remember what is held, and submit uploads of what is accepted."""
        receipts = list(receipts)
        self.held += [receipt for receipt in receipts if receipt.status is WorkReceipt.Status.HELD]
        done = [receipt for receipt in receipts if receipt.status is WorkReceipt.Status.ACCEPTED]
        self.accepted += [(receipt.rightsholder_id, receipt.work_id) for receipt in done]
        super().react(receipts)

    def more_of_a_registration(self) -> Mapping[str, object]:
        """Return a policy and a window."""
        policy = {"action": self.random.choice(self.policies), "territories": self._places(0.7)}
        return {"policy": policy, **(self._window() if self.random.random() < 0.2 else {})}

    def more_of_an_upload(self) -> Mapping[str, object]:
        """Return whose it is, in which community, and where it is to be seen."""
        return {
            "uploader_id": self.random.choice(UPLOADERS),
            "community_id": self.random.choice(COMMUNITIES),
            "territories": self._places(0.6, wrong=0.0),
        }

    def more_of(self, rightsholder: str) -> Mapping[str, object]:
        """Return how far a rightsholder is trusted, the accounts that are their own, and a key, which may change."""
        said: dict[str, object] = {"accounts": ["label"] if self.random.random() < 0.3 else []}
        if self.random.random() < self.on_probation:
            said["standing"] = "PROBATION"
        self.keys.pop(rightsholder, None)
        if self.with_keys and self.random.random() < 0.7:
            self.keys[rightsholder] = self.random.choice(("key", "other key"))
            said["public_key"] = public_key_of(self.keys[rightsholder])
        return said

    def headers(self, topic: Topic, key: str, value: bytes) -> Headers:
        """Return a signature where one is due, and now and then a wrong one, or none."""
        if topic is not WORKS_SUBMITTED or key not in self.keys:
            return ()
        name, time, chance = self.keys[key], self.cluster.now, self.random.random()
        if chance < 0.05:
            return ()
        if chance < 0.1:
            return signed("a forged key", topic.name, key, value, time)
        if chance < 0.15:
            return signed(name, topic.name, "somebody else", value, time)
        if chance < 0.2:
            return signed(name, topic.name, key, value, time + self.random.choice((-9, 1)) * DAY_MS)
        return signed(name, topic.name, key, value, time)

    def license(self) -> None:
        """License a work to somebody."""
        self.act_on_any(license=self._licence())

    def license_catalogue(self) -> None:
        """License everything to somebody."""
        self.act(work_id="", license_catalogue=self._licence())

    def revoke(self) -> None:
        """Take a licence back, of a work or for everything, whether there is one or not."""
        revoke = {"license_id": self.random.choice(LICENCES)}
        if self.random.random() < 0.3:
            self.act(work_id="", revoke=revoke)
        else:
            self.act_on_any(revoke=revoke)

    def exclude(self) -> None:
        """Say that a part of a reference is not theirs."""
        start, end = self.random.choice(((0, 5_000), (2_000, 3_000), (5_000, 5_000)))
        reference_id = self.random.choice(("r0", "r0", "r1", "no such reference"))
        self.act_on_any(exclude={"reference_id": reference_id, "start_ms": start, "end_ms": end})

    def act_on_any(self, **action: object) -> None:
        """Act on a work that was accepted, if there is one, and now and then on any."""
        if self.accepted and self.random.random() < 0.85:
            rightsholder, work_id = self.random.choice(self.accepted)
            self.act("", work_id, rightsholder, **action)
        else:
            self.act("", None, "", **action)

    def settle(self) -> None:
        """End every block of a rightsholder."""
        self.act(work_id="", settle={"reason": self.random.choice(("SETTLED", "WITHDRAWN"))})

    def wait(self) -> None:
        """Let time pass at once."""
        jump = self.random.choice(JUMPS_MS)
        if self.jumped_ms + jump <= JUMPED_MS_MAX:
            self.jumped_ms += jump
            self.cluster.pass_time(jump)

    def dispute(self) -> None:
        """Begin a dispute of what is down if anything is, mostly as it should be, and take steps in it later."""
        takedown = self._down()
        is_down = takedown is not None and takedown.status is TakedownIssued.Status.ISSUED
        if not is_down and self.random.random() < 0.8:
            self.submit()
            return
        upload_id = takedown.upload_id if takedown else self.random.choice(self.uploads)
        self.count += 1
        ids = {"upload_id": upload_id, "dispute_id": self.random.choice((f"d{self.count}", "d1"))}
        if takedown is not None and self.random.random() < 0.3:
            ids["takedown_id"] = takedown.takedown_id
        claimant = takedown.rightsholder_id if takedown else "label"
        self.quarrels.append((ids, claimant))
        opening = ("dispute", "dispute", "dispute", "dispute", "counter_notice", "uphold")
        self._step(ids, self.random.choice(opening), claimant)

    def go_on(self) -> None:
        """Take another step in one of the last disputes, whatever has become of it."""
        ids, claimant = self.random.choice(self.quarrels[-3:])
        if self.random.random() < 0.1:
            ids = {**ids, "takedown_id": self.random.choice(("", "no such takedown"))}
        steps = (
            "uphold",
            "uphold",
            "counter_notice",
            "counter_notice",
            "release",
            "court_action",
            "withdraw",
            "dispute",
        )
        kind = self.random.choice(steps)
        if kind == "dispute" and self.random.random() < 0.7:  # anew, whether the last one is over or not
            self.count += 1
            ids = {**ids, "dispute_id": f"d{self.count}"}
            self.quarrels.append((ids, claimant))
        self._step(ids, kind, claimant)

    def review_upload(self) -> None:
        """Review an upload, as it is or as it was, held or not."""
        seen = self._verdicts()
        held = [one for one in seen if one.verdict is VerdictDecided.Verdict.HELD]
        if not held and self.random.random() < 0.7:
            self.submit()
            return
        said = [(one.upload_id, one.decision_id) for one in (held if held and self.random.random() < 0.9 else seen)]
        self.decisions += said
        if self.random.random() < 0.1:
            said = [*self.decisions, (self.random.choice(self.uploads), "no such decision")]
        if said:
            upload_id, decision_id = self.random.choice(said)
            self._review(upload_id, upload={"upload_id": upload_id, "decision_id": decision_id})

    def review_work(self) -> None:
        """Review a registration that was held, or one that never was."""
        receipt = self.random.choice(self.held)
        submission_id = receipt.submission_id if self.random.random() < 0.9 else "s0"
        work = {"rightsholder_id": receipt.rightsholder_id, "work_id": receipt.work_id, "submission_id": submission_id}
        self._review(receipt.rightsholder_id, work=work)

    def _review(self, key: str, **about: object) -> None:
        self.count += 1
        decision = self.random.choice(("APPROVE", "APPROVE", "REJECT", "REJECT", "PROTECT"))
        ids = {"review_id": f"review-{self.count}", "reviewer_id": f"reviewer-{self.count}"}
        self.say(REVIEWS_SUBMITTED, key, {**ids, "decision": decision, **about})

    def _step(self, ids: Mapping[str, str], kind: str, claimant: str) -> None:
        """Take a step of a dispute, mostly by somebody who may take it."""
        if self.random.random() < 0.1:
            claimant = self.random.choice((*RIGHTSHOLDERS, "nobody"))
        consents = self.random.random() < 0.85
        names = {"statement": "no", "name": "N.", "address": "A.", "signed_by": "N."}
        said: dict[str, dict[str, object]] = {
            "dispute": {"ground": self.random.choice(GROUNDS), "statement": "it is not"},
            "counter_notice": {**names, "consent_to_jurisdiction": consents},
            "uphold": {"rightsholder_id": claimant},
            "release": {"rightsholder_id": claimant},
            "court_action": {"rightsholder_id": claimant, "evidence_uri": "https://court.example/1"},
            "withdraw": {},
        }
        self.say(DISPUTES_SUBMITTED, ids["upload_id"], {**ids, kind: said[kind]})

    def _down(self) -> TakedownIssued | None:
        """Return the last takedown of one of the uploads that came down last, if there is any."""
        last = [self.cluster.last(TAKEDOWNS_ISSUED, upload_id) for upload_id in list(self.submitted)[-LATELY:]]
        turns = [one for one in last if isinstance(one, TakedownIssued)]
        blocked = {one.upload_id for one in self._verdicts() if one.verdict is VerdictDecided.Verdict.BLOCKED}
        down = [one for one in turns if one.status is TakedownIssued.Status.ISSUED and one.upload_id in blocked]
        return self.random.choice(down or turns) if turns else None

    def _verdicts(self) -> list[VerdictDecided]:
        last = [self.cluster.last(VERDICTS_DECIDED, upload_id) for upload_id in list(self.submitted)[-LATELY:]]
        return [one for one in last if isinstance(one, VerdictDecided)]

    def _licence(self) -> dict[str, object]:
        who: tuple[dict[str, object], ...] = (
            {"uploader_id": self.random.choice(UPLOADERS)},
            {"community_id": self.random.choice(("fans", "label"))},
            {"platform": True},
        )
        licensee = self.random.choice(who) if self.random.random() < 0.9 else {}
        licence: dict[str, object] = {
            "license_id": self.random.choice(LICENCES),
            "licensee": licensee,
            "territories": self._places(0.5),
        }
        if self.random.random() < 0.15:
            use = self.random.choice(("EXCERPT", "EXCERPT", "FULL"))
            licence |= {"use": use, "excerpt_ms_max": self.random.choice((0, 30_000))}
        return {**licence, **(self._window() if self.random.random() < 0.3 else {})}

    def _places(self, everywhere: float, wrong: float = 0.03) -> list[str]:
        if self.random.random() < everywhere:
            return []
        chosen = self.random.sample(PLACES, self.random.choice((1, 2)))
        return [*chosen, NOWHERE] if self.random.random() < wrong else chosen

    def _window(self) -> dict[str, object]:
        """Return from when, or until when, or both; now and then the end comes first."""
        now, length = self.cluster.now, self.random.choice((10 * SECOND_MS, DAY_MS, 20 * DAY_MS))
        begin = now + self.random.choice((-DAY_MS, 5 * SECOND_MS, DAY_MS))
        chance = self.random.random()
        if chance < 0.1:
            begin, length = now, -length
        said = {"valid_from": _written(begin), "valid_until": _written(begin + length)}
        if chance < 0.4:
            said.pop(self.random.choice(tuple(said)))
        return dict(said)


def _written(time: int) -> str:
    return timestamp(time).isoformat()
