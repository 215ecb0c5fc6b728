"""The command: `python -m loadtest.deciding`."""

from loadtest.deciding.command import main

main()
