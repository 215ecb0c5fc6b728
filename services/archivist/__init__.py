"""archivist: writes what topics say into the readable record.

Reads: every public topic. Writes: nothing but SQL. Keeps: nothing of its own.

Promises: each fact is one row by its id, and what is derived of it is written in the same transaction; a record is
acknowledged after the commit, so a kill loses nothing, and what is written a second time changes nothing. What cannot
be read goes to the dead letters. Any error ends the process, and the restart is the recovery.
"""

from services.contracts.follower import Follower
from services.contracts.topics import TOPICS

ARCHIVIST = Follower(
    name="archivist",
    engine="faust",
    reads=tuple(topic for topic in TOPICS if topic.public),
    keeps="the readable record, in SQL: histories, what is so at present, counters",
)
