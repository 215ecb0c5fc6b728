"""The profiles: each a file with one function, whose parameters are its command's options."""

from collections.abc import Callable

from loadtest.outcome import Outcome
from loadtest.profiles.peers import peers
from loadtest.profiles.steady import steady

PROFILES: tuple[Callable[..., Outcome], ...] = (steady, peers)
