"""The profiles: each a file with one function, whose parameters are its command's options."""

from collections.abc import Callable

from loadtest.hashing.report import HashingReport
from loadtest.profiles.hashing import hashing
from loadtest.profiles.steady import steady
from loadtest.report import Report

PROFILES: tuple[Callable[..., Report | HashingReport], ...] = (steady, hashing)
