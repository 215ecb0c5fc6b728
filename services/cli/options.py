"""Options that several commands have."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import NonNegativeInt, PositiveFloat, PositiveInt

from services.client.errors import ClientError
from services.client.pending import ANSWER_SECONDS, RECEIPT_SECONDS
from services.cluster.errors import ClusterError
from services.cluster.state import default_state, read_running
from services.runtime.address import Kafka
from services.runtime.security import as_set


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Target:
    """Which cluster a command talks to."""

    kafka: Annotated[
        str | None,
        Parameter(
            help="Kafka to talk to, HOST:PORT. Otherwise STAYDOWN_KAFKA, or the cluster that `staydown up` runs here."
        ),
    ] = None
    state: Annotated[Path, Parameter(help="State directory of the `staydown up` to look for.", show_default=False)] = (
        field(default_factory=default_state)
    )

    @property
    def bootstrap(self) -> Kafka:
        """Where Kafka is, and how it is spoken to; ClientError if there is none to be found."""
        given = self.kafka or os.environ.get("STAYDOWN_KAFKA")
        if given:
            return as_set(given)
        try:
            running = read_running(self.state)
        except ClusterError as error:
            raise ClientError(
                f"{str(error).rstrip('.')}: start one with `staydown up`, or name a Kafka with --kafka HOST:PORT."
            ) from None
        # A Kafka of its own speaks plain text, on loopback alone.
        return Kafka(running.bootstrap) if running.kafka else as_set(running.bootstrap)


HERE = Target()

Timeout = Annotated[PositiveFloat, Parameter(help="Seconds to wait for the answer at most.")]
AsJson = Annotated[bool, Parameter(name="--json", help="Write JSON for programs to read.")]
FromBeginning = Annotated[bool, Parameter(help="Begin with the oldest that is kept.")]
Limit = Annotated[PositiveInt | None, Parameter(help="End after so many; otherwise with Ctrl-C.")]

Rightsholder = Annotated[str, Parameter(help="Id of the rightsholder.")]
Work = Annotated[str, Parameter(help="Id of the work, unique within the rightsholder.")]
Upload = Annotated[str, Parameter(help="Id of the upload.")]
Territory = Annotated[
    tuple[str, ...], Parameter(help="Country, as DE; everywhere unless given. May be repeated.", negative=())
]
Milliseconds = NonNegativeInt
Time = Annotated[datetime | None, Parameter(help="As 2026-12-31 or 2026-12-31T18:00:00Z; UTC unless it says more.")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Submitting:
    """How an action is submitted, and how long its receipts are waited for."""

    key: Annotated[
        Path | None,
        Parameter(help="File with the private key that signs it, as `staydown keys generate` wrote it."),
    ] = None
    submission: Annotated[str | None, Parameter(help="Idempotency key; a new one unless given.")] = None
    timeout: Timeout = RECEIPT_SECONDS


AS_USUAL = Submitting()


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Waiting:
    """Whether what comes of a step is waited for, and how long."""

    wait: Annotated[bool, Parameter(help="Wait for what comes of it and tell it.")] = False
    timeout: Timeout = ANSWER_SECONDS


NO_WAIT = Waiting()


def utc(time: datetime | None) -> datetime | None:
    """Return a time that a person typed: in UTC unless it says otherwise."""
    return time if time is None or time.tzinfo is not None else time.replace(tzinfo=UTC)


def countries(territories: Iterable[str]) -> tuple[str, ...]:
    """Return territories as the contract has them, however they were typed."""
    return tuple(each.upper() for each in territories)
