"""Whether a copy can be restored, asked of its files alone: before the Kafka that it was taken of is given up."""

from pathlib import Path

from services.cluster.errors import ClusterError
from services.cluster.saved import at_rest
from services.cluster.saved.manifest import Manifest, path_of, read
from services.cluster.saved.places import Places
from services.cluster.saved.records import records
from services.cluster.saved.shapes import AS_IT_WAS, Wanted, shapes
from services.runtime.provisioning import PLANNED


def check(folder: Path, wanted: Wanted = AS_IT_WAS) -> Manifest:
    """Return what a copy is, of which every file is as it was written; ClusterError says why it cannot be restored.

    With another number of partitions, or parts of the index, it must be of a cluster at rest.
    """
    manifest = read(folder)
    if missing := [topic.name for topic in PLANNED if topic.name not in manifest.topics]:
        raise ClusterError(f"The copy has no {missing[0]}: restore it with the version that saved it.")
    if wanted.is_as(manifest.partitions):
        Places(manifest, lineage="").check()
    else:
        shapes(at_rest.check(manifest, lambda topic, number: records(path_of(folder, topic, number))), wanted)
    return manifest
