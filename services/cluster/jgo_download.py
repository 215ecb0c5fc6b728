"""Get the jars of Apache Kafka in pure Python: `python -m services.cluster.jgo_download DIRECTORY`.

A process of its own, so that it can be ended at any moment. jgo resolves the coordinates and fetches the jars; its
environments are left out, since they fetch a JDK 11 only to sort jars onto class path and module path, and Kafka runs
with all on the class path. A fresh repository folder is used, since jgo writes into ~/.m2 without a rename.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import Artifact, Dependency, MavenContext
from jgo.parse import Coordinate

from services.cluster.downloads import COORDINATES

# Eight at once brought 92 jars in 19 s; more would only trouble the server.
THREADS = 8
TIMEOUT_SECONDS = 30
# A line every so many jars tells a person that it is alive.
PROGRESS_JARS = 20


def main(directory: Path) -> None:
    """Download every jar into the directory, telling on stdout how far it is."""
    with tempfile.TemporaryDirectory(prefix="repository-", dir=directory.parent) as repository:
        context = MavenContext(
            repo_cache=Path(repository), remote_repos={"central": MAVEN_CENTRAL_URL}, timeout=TIMEOUT_SECONDS
        )
        artifacts = list(_runtime_artifacts(context))
        with ThreadPoolExecutor(THREADS) as pool:
            for path in _told(pool.map(Artifact.resolve, artifacts), len(artifacts)):
                path.rename(directory / path.name)


def _runtime_artifacts(context: MavenContext) -> Iterator[Artifact]:
    roots = [context.create_dependency(replace(Coordinate.parse(text), scope="compile")) for text in COORDINATES]
    direct, transitive = context.resolver.resolve(roots)
    needed: list[Dependency] = [*direct, *(each for each in transitive if each.scope in {"compile", "runtime"})]
    return (each.artifact for each in needed)


def _told(paths: Iterable[Path], total: int) -> Iterator[Path]:
    for count, path in enumerate(paths, start=1):
        if count % PROGRESS_JARS == 0 or count == total:
            sys.stdout.write(f"jars {count}/{total}\n")
            sys.stdout.flush()
        yield path


if __name__ == "__main__":
    main(Path(sys.argv[1]))
