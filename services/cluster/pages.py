"""The console beside the pipeline: where it listens, and the token by which one signs in on one machine."""

import os
import secrets
from dataclasses import replace
from pathlib import Path

from services.cluster.child import Child

CONSOLE = "console"


def with_pages(child: Child, listen: str, state: Path) -> Child:
    """Return the console's process, which is told what every service is, and what is its own."""
    own = {"STAYDOWN_CONSOLE": listen, "STAYDOWN_CONSOLE_TOKEN_FILE": str(token_file(state))}
    return replace(child, environment={**child.environment, **own})


def token_file(state: Path) -> Path:
    """Return the file with the token, made if need be; only who runs the cluster can read it."""
    path = (state / "console.token").resolve()
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(f"{secrets.token_urlsafe(32)}\n")
    return path
