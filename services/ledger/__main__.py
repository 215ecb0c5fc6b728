"""Run the ledger: `python -m services.ledger`."""

from services.ledger import PROCESSOR
from services.runtime.run import run

run(PROCESSOR)
