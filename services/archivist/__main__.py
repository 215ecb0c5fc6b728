"""Run the archivist: `python -m services.archivist`."""

from services.archivist import ARCHIVIST
from services.archivist.run import serve
from services.runtime.run import run_service

run_service(ARCHIVIST.name, serve)
