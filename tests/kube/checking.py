"""Whether a cluster would take an object as it is written: each field known, and of its type."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
from jsonschema import Draft202012Validator, ValidationError

KUBERNETES = "1.37"
SCHEMAS = Path(__file__).parent / "schemas"

__all__ = ["ValidationError", "check"]


def check(manifest: Mapping[str, Any]) -> None:
    """Raise ValidationError if a field is unknown or wrong: Kubernetes' own kinds, and those of operators."""
    if schema := _schema(manifest["kind"]):
        schema.validate(manifest)
    else:
        kubernetes_validate.validate(dict(manifest), KUBERNETES, strict=True)


@cache
def _schema(kind: str) -> Any:
    path = SCHEMAS / f"{kind}.json"
    return Draft202012Validator(json.loads(path.read_text())) if path.exists() else None
