"""The settings of the console, beside those that every service has: STAYDOWN_CONSOLE_* in the environment.

Promises: what is set wrongly is refused with one sentence that names the variable; without OpenID Connect the console
listens on loopback alone.
"""

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from services.console.people import Role
from services.runtime.settings import parse_address
from services.runtime.variables import SettingsError, Variable, read_given, secret_in


def _text(text: str) -> str:
    return text


def _url(text: str) -> str:
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
        raise ValueError("a URL, http: or https:")
    return text.rstrip("/")


def _file(text: str) -> str:
    return secret_in(text) if text else ""


def _roles(text: str) -> tuple[tuple[str, Role], ...]:
    """Return which value of the claim makes which role."""
    found = []
    for each in filter(None, (part.strip() for part in text.split(","))):
        value, _, role = each.rpartition("=")
        if not value or role not in set(Role):
            raise ValueError(f"VALUE=ROLE,…, with roles of {', '.join(Role)}")
        found.append((value, Role(role)))
    return tuple(found)


def _variable(name: str, parse: Callable[[str], Any], default: str, says: str) -> Any:
    variable = Variable(f"STAYDOWN_CONSOLE{name}", default, says, parse)
    return field(default=parse(default), metadata={"variable": variable})


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """What the console was told."""

    listen: tuple[str, int] = _variable(
        "", parse_address, "127.0.0.1:0", "where the console's pages are served; port 0 takes a free one"
    )
    url: str = _variable("_URL", _url, "", "how people reach it, as https://console.example; empty: where it listens")
    token: str = _variable(
        "_TOKEN_FILE",
        _file,
        "",
        "a file with the token by which one signs in on one machine; unused with OpenID Connect",
    )
    secret: str = _variable(
        "_SECRET_FILE",
        _file,
        "",
        "a file with the key that signs sessions, the same for all consoles behind one address; empty: one of its own",
    )
    issuer: str = _variable("_ISSUER", _url, "", "the OpenID Connect provider; empty: on loopback, by token")
    client_id: str = _variable("_CLIENT_ID", _text, "", "what the console is called there")
    client_secret: str = _variable(
        "_CLIENT_SECRET_FILE", _file, "", "a file with its secret there; empty: a public client"
    )
    roles_claim: str = _variable("_ROLES_CLAIM", _text, "roles", "the claim that says what somebody is")
    roles: tuple[tuple[str, Role], ...] = _variable(
        "_ROLES",
        _roles,
        ",".join(f"{role}={role}" for role in Role),
        "which of its values makes which role, VALUE=ROLE,…",
    )
    rightsholder_claim: str = _variable(
        "_RIGHTSHOLDER_CLAIM", _text, "rightsholder_id", "the claim that says whose works a rightsholder's are"
    )
    forwarded_by: str = _variable(
        "_FORWARDED_BY",
        _text,
        "",
        "addresses of proxies whose X-Forwarded-For is believed, joined by commas; empty: behind one, all who have not "
        "signed in yet share one limit of 300 pages a minute",
    )

    @property
    def is_local(self) -> bool:
        """Tell whether this is a console on one machine, for whoever uses that machine."""
        return not self.issuer


CONSOLE_VARIABLES: tuple[Variable, ...] = tuple(each.metadata["variable"] for each in fields(ConsoleSettings))


def read_console_settings(environment: Mapping[str, str] = os.environ) -> ConsoleSettings:
    """Return the settings in the environment, or raise `SettingsError`. An empty variable is an absent one."""
    settings = ConsoleSettings(**read_given(ConsoleSettings, environment))
    _check(settings)
    return settings


def _check(settings: ConsoleSettings) -> None:
    if settings.is_local and not _is_loopback(settings.listen[0]):
        raise SettingsError("STAYDOWN_CONSOLE must be on loopback unless STAYDOWN_CONSOLE_ISSUER is set.")
    if settings.is_local and settings.url and not _is_loopback(urlsplit(settings.url).hostname or ""):
        # Whoever came through a proxy by that name would read everything without signing in.
        raise SettingsError("STAYDOWN_CONSOLE_URL must be on loopback unless STAYDOWN_CONSOLE_ISSUER is set.")
    if settings.issuer and not (settings.client_id and settings.url):
        raise SettingsError("STAYDOWN_CONSOLE_ISSUER needs STAYDOWN_CONSOLE_CLIENT_ID and STAYDOWN_CONSOLE_URL too.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
