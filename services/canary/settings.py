"""The settings of the canary, beside those that every service has: STAYDOWN_CANARY_* in the environment.

Promises: what is set wrongly is refused with one sentence that names the variable.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from services.runtime.variables import Variable, read_given, whole_number


def _source(text: str) -> str:
    if text and not (urlsplit(text).scheme and urlsplit(text).path.startswith("/")):
        raise ValueError("the URI of a folder, such as file:///srv/media/canary or s3://bucket/canary")
    return text.rstrip("/")


def _variable(name: str, parse: Callable[[str], Any], default: str, says: str) -> Any:
    variable = Variable(f"STAYDOWN_CANARY_{name}", default, says, parse)
    return field(default=parse(default), metadata={"variable": variable})


@dataclass(frozen=True, slots=True)
class CanarySettings:
    """What the canary was told."""

    source: str = _variable(
        "SOURCE",
        _source,
        "",
        "the URI of the folder from which the hasher reads the canary's two contents; below file: it writes them, to "
        "elsewhere they are copied once (`python -m services.canary FOLDER` writes them); empty: the canary is off",
    )
    seconds: int = _variable("SECONDS", whole_number(1, 3_600), "10", "how often it uploads, in seconds")
    late_ms: int = _variable(
        "LATE_MS",
        whole_number(100, 60_000),
        "5000",
        "after so long without a verdict an upload of the canary's is late, in milliseconds",
    )


CANARY_VARIABLES: tuple[Variable, ...] = tuple(each.metadata["variable"] for each in fields(CanarySettings))


def read_canary_settings(environment: Mapping[str, str] = os.environ) -> CanarySettings:
    """Return the settings in the environment, or raise `SettingsError`. An empty variable is an absent one."""
    return CanarySettings(**read_given(CanarySettings, environment))
