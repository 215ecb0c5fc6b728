"""Run the recogniser: `python -m services.recogniser`."""

from services.recogniser import PROCESSOR
from services.runtime.run import run

run(PROCESSOR)
