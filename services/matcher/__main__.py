"""Run the matcher: `python -m services.matcher`."""

from services.matcher import PROCESSOR
from services.runtime.run import run

run(PROCESSOR)
