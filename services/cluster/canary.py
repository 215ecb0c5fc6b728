"""The canary beside the pipeline, for who asks for one: its contents lie in a folder of their own below the state."""

from dataclasses import replace
from pathlib import Path

from services.cluster.child import Child

CANARY = "canary"


def with_canary(child: Child, state: Path) -> Child:
    """Return the canary's process, which is told what every service is, and where its contents are to lie."""
    return replace(child, environment={**child.environment, "STAYDOWN_CANARY_SOURCE": canary_folder(state).as_uri()})


def canary_folder(state: Path) -> Path:
    """Return the folder, made if need be."""
    folder = state.resolve() / CANARY
    folder.mkdir(exist_ok=True)
    return folder
