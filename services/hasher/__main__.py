"""Run the hasher: `python -m services.hasher`."""

from services.hasher import PROCESSOR
from services.runtime.run import run

run(PROCESSOR)
