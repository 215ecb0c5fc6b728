"""`python -m services.cli` is `staydown`."""

from services.cli import main

main()
