"""Run the console: `python -m services.console`."""

from services.console.serving import serve
from services.runtime.run import run_service

run_service("console", serve)
