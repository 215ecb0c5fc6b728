"""The Faust application: one agent that hands on what is fetched of every public topic, and keeps nothing.

What Faust would do by itself and must not: acknowledge before the database has committed, or after an exception;
declare topics; serve pages of its own; keep tables; connect a producer. So records are acknowledged by who writes them
(`recording`), any error but a cancellation ends the process, and the rest is switched off.
"""

import asyncio
from typing import cast

import faust

from services.archivist import ARCHIVIST
from services.archivist.consumer import OwnTransport
from services.archivist.recording import Recording
from services.runtime.clients import HEARTBEATS_PER_SESSION, REBALANCE_TIMEOUT_MS
from services.runtime.ending import end_process
from services.runtime.settings import REQUEST_TIMEOUT_MS, Settings

# What is written again after a kill; writing it again changes nothing.
COMMIT_SECONDS = 0.5
# Messages, each of up to 500 records: what a batch holds is beside it, so little that memory stays small.
BUFFERED_MESSAGES_MAX = 8


def application(settings: Settings, recording: Recording) -> faust.App:
    """Return the application, not started."""
    session_seconds = settings.session_timeout_ms / 1000
    brokers = ";".join(f"kafka://{server.strip()}" for server in settings.kafka.split(","))
    app = faust.App(
        ARCHIVIST.name,
        broker=brokers,
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        broker_commit_interval=COMMIT_SECONDS,
        broker_session_timeout=session_seconds,
        broker_heartbeat_interval=session_seconds / HEARTBEATS_PER_SESSION,
        broker_rebalance_timeout=REBALANCE_TIMEOUT_MS / 1000,
        broker_request_timeout=max(REQUEST_TIMEOUT_MS / 1000, session_seconds + 1),
        stream_buffer_maxsize=BUFFERED_MESSAGES_MAX,
        # Else a stop waits for records to be acknowledged that nobody writes any more; they are written again.
        stream_wait_empty=False,
    )
    # What it would write goes by our own producer; its own would know nothing of how Kafka is spoken to.
    app.boot_strategy.enable_kafka_producer = False
    app.transport = _transport(app, settings)
    names = [each.name for each in ARCHIVIST.reads]
    topic = app.topic(*names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(topic, name=ARCHIVIST.name)
    async def archiving(stream: faust.StreamT[bytes]) -> None:
        """Hand on what was fetched together, to be acknowledged by who writes it."""
        try:
            async for event in cast(faust.Stream[bytes], stream).noack().events():
                await recording.take(event)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001  # Faust would acknowledge the record and go on
            end_process("the agent failed", error)

    return app


def _transport(app: faust.App, settings: Settings) -> OwnTransport:
    transport = OwnTransport(list(app.conf.broker), app, app.loop)
    transport.settings = settings
    return transport
