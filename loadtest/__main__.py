"""The command: `python -m loadtest`."""

from loadtest.command import main

main()
