"""The canary's rounds: register once, then upload, wait, count, delete, again and again."""

import asyncio
import base64
import time
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.canary.metrics import CLEAR_SECONDS, LATE, REFUSAL_SECONDS, UP, UPLOADS, WRONG
from services.canary.probes import LISTED, PROBES, UNLISTED, WORK, Probe, registration
from services.canary.settings import CanarySettings
from services.client.errors import ClientError, UnansweredError
from services.client.keys import SigningKey
from services.client.staydown import Staydown
from services.contracts.canary import CANARY
from services.contracts.decided import VerdictDecided
from services.contracts.submitted import Enroll
from services.runtime.settings import Settings, kafka_of

SECONDS = {LISTED.name: REFUSAL_SECONDS, UNLISTED.name: CLEAR_SECONDS}

log = structlog.get_logger()


class Canary:
    """Goes round until it is told to stop."""

    def __init__(self, settings: Settings, own: CanarySettings) -> None:
        self._settings = settings
        self._own = own
        # With a key of this process's own nobody else can speak for the canary while it runs.
        self._key = SigningKey(Ed25519PrivateKey.generate())
        self.is_registered = False

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, and end the round that has begun; what fails meanwhile is counted."""
        while not stop.is_set():
            try:
                async with Staydown(kafka_of(self._settings), key=self._key) as staydown:
                    await self._register(staydown)
                    await self._rounds(staydown, stop)
            except ClientError as error:
                log.warning("late", reason=str(error))
                LATE.labels(LISTED.name).inc()
                UP.set(0)
                await _pause(stop, self._own.seconds)

    async def _register(self, staydown: Staydown) -> None:
        """Enrol and register; ClientError if that is refused, or not answered within a minute."""
        public_key = base64.b64encode(self._key.public_key).decode()
        await staydown.admit(CANARY, Enroll("Canary", public_key=public_key, standing=Enroll.Standing.TRUSTED))
        receipt = await staydown.register(CANARY, WORK, registration())
        log.info("registered", status=receipt.status)
        self.is_registered = True

    async def _rounds(self, staydown: Staydown, stop: asyncio.Event) -> None:
        """Go round until told to stop, or until a listed work was judged to be none: then it is registered again."""
        while not stop.is_set():
            began = time.monotonic()
            said = await asyncio.gather(*(self._upload(staydown, probe) for probe in PROBES))
            are_right = [verdict is probe.right for verdict, probe in zip(said, PROBES, strict=True)]
            UP.set(all(are_right))
            await _pause(stop, self._own.seconds - (time.monotonic() - began))
            if said[0] is VerdictDecided.Verdict.CLEAR:
                return

    async def _upload(self, staydown: Staydown, probe: Probe) -> VerdictDecided.Verdict | None:
        """Upload a content and return its verdict, None if it is late; delete it again in any case."""
        upload = probe.upload(uuid4().hex, self._own.source, datetime.now(UTC))
        UPLOADS.labels(probe.name).inc()
        began = time.monotonic()
        pending = await staydown.post(upload.upload_id, upload)
        try:
            verdict = await pending.verdict(self._own.late_ms / 1000)
        except UnansweredError as error:
            log.warning("late", content=probe.name, reason=str(error))
            LATE.labels(probe.name).inc()
            return None
        finally:
            await staydown.delete(upload.upload_id)
        assert verdict is not None, "nobody else knows its id, so nobody deletes it"  # noqa: S101  # an invariant
        if verdict.verdict is probe.right:
            SECONDS[probe.name].observe(time.monotonic() - began)
        else:
            log.error("wrong", content=probe.name, verdict=verdict.verdict, why=verdict.explanation)
            WRONG.labels(probe.name, verdict.verdict).inc()
        return verdict.verdict


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until told to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), max(seconds, 0))
