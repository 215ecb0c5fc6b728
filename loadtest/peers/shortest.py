"""The shortest consumer: one process, aiokafka, in batches, and the work of `work.py`. Written in an afternoon.

It does far less than Staydown, so what it takes is a bound for anything that reads uploads from Kafka. It knows the
listings beforehand and remembers nothing about an upload, so there is no registration, no takedown of what was there
before, no reinstatement, no resubmission, no notice to anybody and no order between a listing and what comes after it;
it opens any file that a stranger names; its records have no headers.

Lacks besides: what `polling.py` does not promise. A record that cannot be decoded, or a file that cannot be read, ends
the process, and does again after a restart; one slow file holds up everything.
"""

import asyncio

from loadtest.peers.polling import Answers, Records, serve
from loadtest.peers.task import Task, read_task
from loadtest.peers.work import Work
from services.runtime.outgoing import Headers

_NONE: Headers = []


async def consume(task: Task) -> None:
    """Answer uploads for ever."""
    work = Work(task)

    def answer(records: Records) -> Answers:
        return {
            (task.writes, at.partition): [
                (record.key, work.answer_record(record.value, record.offset), _NONE) for record in of_partition
            ]
            for at, of_partition in records.items()
        }

    await serve(task, answer)


if __name__ == "__main__":
    asyncio.run(consume(read_task()))
