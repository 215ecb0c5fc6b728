"""Run the registry: `python -m services.registry`."""

from services.registry import PROCESSOR
from services.runtime.run import run

run(PROCESSOR)
