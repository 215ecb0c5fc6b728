"""`python -m services.canary`."""

from services.canary.running import run

run()
