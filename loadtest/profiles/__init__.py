"""The profiles: each a file with one function, whose parameters are its command's options."""

from collections.abc import Callable

from loadtest.profiles.hotkey import hotkey
from loadtest.profiles.steady import steady
from loadtest.report import Report

PROFILES: tuple[Callable[..., Report], ...] = (steady, hotkey)
