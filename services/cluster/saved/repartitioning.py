"""A copy of a cluster at rest made into one with another number of partitions, or parts of the index, elsewhere.

Promises: it is a copy like any other, which names its places; the one that it is made of is left as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from services.cluster.saved.manifest import Manifest, Part, path_of, write
from services.cluster.saved.moving import Moved, move
from services.cluster.saved.records import Kept, digest, opened_for_writing, put, records
from services.cluster.saved.shapes import Wanted


def repartition(folder: Path, manifest: Manifest, wanted: Wanted, into: Path) -> Manifest:
    """Write the copy `manifest` in `folder` anew, as it is wanted; ClusterError if it is not of one at rest."""
    partitions = wanted.partitions or manifest.partitions

    def read(topic: str, number: int) -> Iterator[Kept]:
        return records(path_of(folder, topic, number))

    def writing(topic: str) -> AbstractContextManager[Callable[[int, Kept], None]]:
        return _writing([path_of(into, topic, number) for number in range(partitions)])

    moved = move(manifest, wanted, read, writing)
    topics = {
        topic: [_part(moved, topic, number, path_of(into, topic, number)) for number in range(partitions)]
        for topic in manifest.topics
    }
    made = Manifest(manifest.taken_at, manifest.version, partitions, topics, moved.groups)
    write(into, made)
    return made


@contextmanager
def _writing(paths: Sequence[Path]) -> Iterator[Callable[[int, Kept], None]]:
    """Give what appends to the files of one topic; those of all topics would be more than a process may open."""
    with ExitStack() as opened:
        files = [opened.enter_context(opened_for_writing(path)) for path in paths]
        yield lambda number, record: put(files[number], record)


def _part(moved: Moved, topic: str, number: int, path: Path) -> Part:
    """Return what the manifest says of a partition, at the end of which everybody stands."""
    begin, end = moved.begins[topic], moved.ends[topic][number]
    return Part(begin, end, end - begin, digest(path), {end: end - begin})
