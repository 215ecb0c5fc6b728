"""Which lane a read goes through, so that no large or slow file delays a small one.

every file ─► small: opened, looked at, and read at once if it is one piece
                ├─► large: the rest, a thread a core; too many of them, or over the budget: SLOW, asked again
                └─► slow: what was asked again, with larger budgets
what lies elsewhere ─► remote, on a thread of its own
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Generic, Protocol

from services.contracts.reading import Failure, Found, Outcome, Read
from services.runtime.lane import Lane, Terms
from services.runtime.metrics import FINGERPRINTS, READS
from services.runtime.question import Answers, Asked, Question
from services.runtime.remote.reads import RemoteReads, scheme_of
from services.runtime.settings import Settings

# Eight reads at once hide the latency of a network file system; more would only thrash a disk.
SMALL_THREADS_MAX = 8
# At a thread a core and 5 s at most, what waits behind so many is better asked again than waited for.
LARGE_WAITING_MAX = 256
CONTENT, CLAIMED = "CONTENT", "CLAIMED"
"""What came of a read that is no failure: it was read, or taken as its sender says."""


class Reader(Protocol):
    """What reads: `FileReader`, or a test's own."""

    def read_small(self, job: Read) -> Outcome | None:
        """Return the outcome, or None for a file of more than one piece."""

    def read_large(self, job: Read) -> Outcome:
        """Return the outcome for a file of any size."""


class Reads(Generic[Question]):
    """The lanes together. `answered` gets every question once, with its outcome, on the event loop."""

    def __init__(
        self,
        settings: Settings,
        reader: Reader,
        answered: Callable[[Answers[Question]], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        for name in (CONTENT, CLAIMED, *Failure):
            READS.labels(name)  # shown from the begin, or the first of a kind would be no rise
        self._answered = answered
        self._trusts = settings.trust_upload_content
        self._remote: RemoteReads[Question] = RemoteReads(settings, self._count, failed)
        cores = os.cpu_count() or 1
        ordinary, slow = settings.ordinary_read_ms / 1000, settings.slow_read_ms / 1000

        def small(question: Question) -> Outcome | None:
            return reader.read_small(question.job)

        def large(question: Question) -> Outcome:
            return reader.read_large(question.job)

        self._small: Lane[Question, Outcome | None] = Lane(
            Terms("small", 1, SMALL_THREADS_MAX, ordinary), small, _slow, self._sort, failed
        )
        self._large: Lane[Question, Outcome] = Lane(
            Terms("large", cores, cores, ordinary), large, _slow, self._count, failed
        )
        self._slow: Lane[Question, Outcome] = Lane(
            Terms("slow", cores, cores, slow), large, _timed_out, self._count, failed
        )

    def submit(self, questions: Sequence[Question]) -> None:
        """Read what is asked for. Whoever submits bounds how much waits."""
        remote = [question for question in questions if self._is_remote(question.job)]
        if remote:
            self._remote.submit(remote)
            questions = [question for question in questions if not self._is_remote(question.job)]
        self._small.submit(questions)

    def look_after(self) -> None:
        """See to the threads, some ten times a second."""
        for lane in (self._small, self._large, self._slow):
            lane.look_after()

    def forget(self) -> None:
        """Drop what waits."""
        for lane in (self._small, self._large, self._slow):
            lane.forget()
        self._remote.forget()

    def close(self) -> None:
        """Let the threads end."""
        for lane in (self._small, self._large, self._slow):
            lane.close()
        self._remote.close()

    def _is_remote(self, job: Read) -> bool:
        """Tell whether it is read from elsewhere. What its sender is trusted about is read by nobody."""
        return scheme_of(job.uri) is not None and not (self._trusts and job.claimed is not None)

    def _sort(self, results: Sequence[tuple[Question, Outcome | None]]) -> None:
        """Answer what the small lane settled, and pass the rest on."""
        answers: list[tuple[Question, Outcome]] = []
        large: list[Question] = []
        slow: list[Question] = []
        room = LARGE_WAITING_MAX - len(self._large.waiting)
        for question, outcome in results:
            if outcome is not None:
                answers.append((question, outcome))
            elif question.job.slow:
                slow.append(question)
            elif len(large) < room:
                large.append(question)
            else:
                answers.append((question, Failure.SLOW))
        self._large.submit(large)
        self._slow.submit(slow)
        self._count(answers)

    def _count(self, answers: Answers[Question]) -> None:
        for name, count in Counter(_name(question.job, outcome) for question, outcome in answers).items():
            READS.labels(name).inc(count)
        FINGERPRINTS.inc(sum(isinstance(outcome, Found) and outcome.sample is not None for _, outcome in answers))
        self._answered(answers)


def _slow(question: Asked) -> Outcome:
    return Failure.TIMED_OUT if question.job.slow else Failure.SLOW


def _timed_out(_question: Asked) -> Outcome:
    return Failure.TIMED_OUT


def _name(job: Read, outcome: Outcome) -> str:
    if isinstance(outcome, Failure):
        return outcome.value
    return CLAIMED if outcome.content is job.claimed else CONTENT
