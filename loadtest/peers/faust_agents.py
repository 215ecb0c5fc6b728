"""The shortest consumer by Faust: one agent in one worker, without tables. Started by Faust's own command.

Lacks what the shortest consumer lacks, but one thing: an event is acknowledged after the agent has gone on to the next,
so a kill loses less. An exception of the agent is acknowledged too and its upload is never answered. Reading and
hashing are done in the event loop: for small files a thread for each costs more than the work.

No topic is declared and there is no leader topic, since the broker creates none by itself; no web server.
"""

import sys

import faust

from loadtest.peers.polling import BATCH_BYTES_MAX, SESSION_MS
from loadtest.peers.task import READY, read_task
from loadtest.peers.work import Work

# Faust sends record by record: without a wait each would go alone. Seconds.
LINGER = 0.01

task = read_task()
work = Work(task)
app = faust.App(
    task.group,
    broker=f"kafka://{task.bootstrap}",
    autodiscover=False,
    web_enabled=False,
    topic_allow_declare=False,
    topic_disable_leader=True,
    broker_session_timeout=SESSION_MS / 1000,
    consumer_auto_offset_reset="earliest",
    producer_acks=1,
    producer_linger=LINGER,
    producer_max_batch_size=BATCH_BYTES_MAX,
)
submitted = app.topic(task.reads, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
answered = app.topic(task.writes, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")


@app.agent(submitted)
async def answering(stream: faust.StreamT[bytes]) -> None:
    """Answer each upload."""
    async for event in stream.events():
        message = event.message
        answer = work.answer_record(event.value, message.offset)
        await answered.send(key=event.key, value=answer, partition=message.partition)


@app.on_rebalance_complete.connect
async def tell(*_: object, **__: object) -> None:
    """Say that records are taken from now on."""
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
