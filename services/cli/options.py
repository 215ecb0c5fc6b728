"""Options that several commands have."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveFloat

from services.client.errors import ClientError
from services.cluster.errors import ClusterError
from services.cluster.state import default_state, read_running


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
    def bootstrap(self) -> str:
        """The address of Kafka; ClientError if there is none to be found."""
        given = self.kafka or os.environ.get("STAYDOWN_KAFKA")
        if given:
            return given
        try:
            return read_running(self.state).bootstrap
        except ClusterError as error:
            raise ClientError(
                f"{str(error).rstrip('.')}: start one with `staydown up`, or name a Kafka with --kafka HOST:PORT."
            ) from None


HERE = Target()

Timeout = Annotated[PositiveFloat, Parameter(help="Seconds to wait for the answer at most.")]
AsJson = Annotated[bool, Parameter(name="--json", help="Write JSON for programs to read.")]
