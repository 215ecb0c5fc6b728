"""Where the jars of Apache Kafka come from: Maven if it is on the PATH, or else the PyPI package jgo.

Either runs as a child of its own, so that a person who stops the program need not wait for a download to end. What
arrives is the caller's to check: nothing here is trusted. Neither way's own words reach the terminal: they are long
and name addresses of this machine's set-up.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from services.cluster.errors import ClusterError
from services.cluster.tether import tethered

COORDINATES = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-tools:4.3.1",
    "org.slf4j:slf4j-simple:1.7.36",
)
# Maven took 8 s and jgo 32 s; a slow line gets twenty times that.
DOWNLOAD_SECONDS_MAX = 600.0


async def download_jars(directory: Path, progress: Callable[[str], None]) -> None:
    """Put the jars of the coordinates, and all that they need at run time, into the directory."""
    if shutil.which("mvn"):
        progress("downloading Apache Kafka (54 MB) with Maven")
        if await _by_maven(directory):
            return
        progress("Maven could not get them")
    progress("downloading Apache Kafka (54 MB) with jgo")
    if not await _run((sys.executable, "-m", "services.cluster.jgo_download", str(directory)), progress):
        raise ClusterError("Apache Kafka cannot be downloaded: is Maven Central reachable from here?")


async def _by_maven(directory: Path) -> bool:
    with tempfile.TemporaryDirectory(prefix="staydown-") as name:
        project = Path(name) / "pom.xml"
        project.write_text(project_of(COORDINATES), encoding="utf-8")
        goal = ("dependency:copy-dependencies", f"-DoutputDirectory={directory}", "-DincludeScope=runtime")
        return await _run(("mvn", "-B", "-q", "-f", str(project), *goal), lambda _: None)


def project_of(coordinates: tuple[str, ...]) -> str:
    """Return a Maven project that does nothing but depend on the coordinates."""
    parts = (coordinate.split(":") for coordinate in coordinates)
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
        "</dependency>"
        for group, artifact, version in parts
    )
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>staydown</groupId><artifactId>kafka</artifactId>"
        f"<version>1</version><dependencies>{dependencies}</dependencies></project>"
    )


async def _run(command: tuple[str, ...], line: Callable[[str], None]) -> bool:
    """Run to the end, handing on each line, and tell whether it succeeded; killed when this is cancelled."""
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *tethered(command), stdin=quiet, stdout=asyncio.subprocess.PIPE, stderr=quiet
    )
    assert process.stdout is not None  # noqa: S101 - an invariant: it was asked for
    try:
        async with asyncio.timeout(DOWNLOAD_SECONDS_MAX):
            async for text in process.stdout:
                line(text.decode(errors="replace").rstrip())
            return await process.wait() == 0
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
