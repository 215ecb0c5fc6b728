"""Run the enforcer: `python -m services.enforcer`."""

from services.enforcer import PROCESSOR
from services.runtime.run import run

run(PROCESSOR)
