"""The profiles: each a file with one function, whose parameters are its command's options."""

from collections.abc import Callable, Mapping

from loadtest.outcome import Outcome
from loadtest.profiles.archive import archive
from loadtest.profiles.backlog import backlog
from loadtest.profiles.backup import backup
from loadtest.profiles.burst import burst
from loadtest.profiles.hashing import hashing
from loadtest.profiles.hotkey import hotkey
from loadtest.profiles.knee import knee_search
from loadtest.profiles.mixed import mixed
from loadtest.profiles.pages import pages
from loadtest.profiles.peers import peers
from loadtest.profiles.registrations import registrations
from loadtest.profiles.rolling import rolling
from loadtest.profiles.settlement import settlement
from loadtest.profiles.soak import soak
from loadtest.profiles.steady import steady
from loadtest.profiles.webhooks import webhooks

PROFILES: Mapping[str, Callable[..., Outcome]] = {
    "steady": steady,
    "knee": knee_search,
    "burst": burst,
    "backlog": backlog,
    "backup": backup,
    "hotkey": hotkey,
    "settlement": settlement,
    "registrations": registrations,
    "mixed": mixed,
    "soak": soak,
    "rolling": rolling,
    "hashing": hashing,
    "peers": peers,
    "webhooks": webhooks,
    "archive": archive,
    "pages": pages,
}
