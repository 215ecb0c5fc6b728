"""A hasher as a process."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import MappingProxyType

from tests.kafka.process import Process, running


def running_hasher(
    kafka: str, media: Path, log: Path, instance: str = "0", *, more: Mapping[str, str] = MappingProxyType({})
) -> AbstractAsyncContextManager[Process]:
    """Run one while the context lasts; `more` are settings of its own."""
    return running("hasher", kafka, log, instance, more={"STAYDOWN_MEDIA_ROOTS": str(media), **more})
