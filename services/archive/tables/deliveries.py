"""What the notifier delivers, to whom, and what came of it. It is said by no topic, so a rebuild leaves it alone."""

from typing import Any

from sqlalchemy import Index, Table, text

from services.archive.columns import maybe_number, maybe_words, number, words
from services.archive.tables.record import RECORD

WAITING = "state = 'WAITING'"

# `address`: where it was told last. `disabled_ms`: when it answered that it is gone.
RECEIVERS = Table(
    "receivers",
    RECORD,
    words("receiver", key=True),
    words("address"),
    maybe_number("disabled_ms"),
)

# `delivery_id`: xxh3_128 of the receiver and what it is told. `about`: the type of message and the ids of what it says.
# `body`: JSON, which is signed, or of which a letter is made; empty once it is delivered. `said_ms`: when it was issued
# or decided. `state`: WAITING, DELIVERED or GIVEN_UP. `next_ms`: when it may be tried; while it is tried by `holder`,
# when that must have ended. `letter`: the one that gathers it with others. `detail`: what came of the last try.
# `traceparent`: of the record that said it, while that is to be traced.
DELIVERIES = Table(
    "deliveries",
    RECORD,
    words("delivery_id", key=True),
    words("receiver"),
    words("about"),
    words("body"),
    number("said_ms"),
    number("created_ms"),
    words("state"),
    number("attempts"),
    number("next_ms"),
    maybe_words("holder"),
    maybe_words("letter"),
    words("detail"),
    maybe_number("finished_ms"),
    maybe_words("traceparent"),
)
# What is done is the most by far, and none of it stands in the first two.
_WHILE: dict[str, Any] = {"sqlite_where": text(WAITING), "postgresql_where": text(WAITING)}
Index("ix_deliveries_due", DELIVERIES.c.receiver, DELIVERIES.c.next_ms, **_WHILE)
Index("ix_deliveries_oldest", DELIVERIES.c.receiver, DELIVERIES.c.created_ms, **_WHILE)
Index("ix_deliveries_finished", DELIVERIES.c.state, DELIVERIES.c.finished_ms)
