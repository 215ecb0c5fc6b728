"""`python -m services.notifier`."""

from services.notifier.running import run

run()
