"""Entries of earlier formats, read as the ones of now.

A changelog holds each entry as the version wrote it that changed it last, for as long as nothing changes it again. So
entries are brought up to date when they are read back, one by one, and the changelog follows as they change. Promises:
a store holds entries of the present format alone, their wake times included; an entry of a later version is refused.
"""

import msgspec

from services.contracts.codec import decode, encode
from services.contracts.processor import Processor
from services.runtime.quarantine import KIND as PARKED
from services.runtime.store import format_of, kind_of, pack, unpack


class NewerStateError(Exception):
    """A later version wrote this state. The message says which formats meet."""


def upgraded(processor: Processor, name: str, stored: bytes) -> bytes:
    """Return a stored entry in the processor's present format."""
    written = format_of(stored)
    if written == processor.format:
        return stored
    if written > processor.format:
        raise NewerStateError(
            f"{processor.name} has state of format {written} and this version reads up to {processor.format}: "
            "start the later version again, or restore what was saved before it ran"
        )
    kind = kind_of(name)
    if kind == PARKED:
        return stored  # a record as it came, which no version of the processor made
    plain = msgspec.json.decode(unpack(stored))
    for upgrade in processor.upgrades[written - 1 :]:
        plain = upgrade(kind, plain)
    entry = decode(processor.entries[kind], msgspec.json.encode(plain))
    return pack(encode(entry), processor.next_wake(entry), processor.format)
