from pathlib import Path

import pytest

from services.console.people import Role
from services.console.settings import read_console_settings
from services.runtime.variables import SettingsError

REFUSED = {
    "an address that all can reach, without a provider": {"STAYDOWN_CONSOLE": "0.0.0.0:80"},
    "a name that is not loopback": {"STAYDOWN_CONSOLE": "console.example:80"},
    "a name for the world, without a provider": {"STAYDOWN_CONSOLE_URL": "https://console.example"},
    "a provider without a client": {
        "STAYDOWN_CONSOLE_ISSUER": "https://id.example",
        "STAYDOWN_CONSOLE_URL": "https://c",
    },
    "a provider without our own address": {
        "STAYDOWN_CONSOLE_ISSUER": "https://id.example",
        "STAYDOWN_CONSOLE_CLIENT_ID": "console",
    },
    "a provider that is no URL": {"STAYDOWN_CONSOLE_ISSUER": "id.example"},
    "a token that is not there": {"STAYDOWN_CONSOLE_TOKEN_FILE": "/nowhere/token"},
    "a role that is none": {"STAYDOWN_CONSOLE_ROLES": "staff=king"},
    "a role for no value": {"STAYDOWN_CONSOLE_ROLES": "=reviewer"},
}


@pytest.mark.parametrize("environment", REFUSED.values(), ids=REFUSED)
def test_what_would_open_the_console_by_mistake_is_refused(environment: dict[str, str]) -> None:
    """The sentence names the variable, and the process does not start."""
    with pytest.raises(SettingsError, match="STAYDOWN_CONSOLE"):
        read_console_settings(environment)


def test_an_empty_token_file_is_no_token(tmp_path: Path) -> None:
    """Otherwise nothing would be the right answer."""
    (tmp_path / "token").write_text("\n")
    with pytest.raises(SettingsError, match="STAYDOWN_CONSOLE_TOKEN_FILE"):
        read_console_settings({"STAYDOWN_CONSOLE_TOKEN_FILE": str(tmp_path / "token")})


def test_roles_are_those_that_the_provider_calls_so() -> None:
    """Its values are its own, may hold an equals sign, and several may make one role."""
    settings = read_console_settings({"STAYDOWN_CONSOLE_ROLES": "cn=safety=reviewer, legal=operator"})
    assert settings.roles == (("cn=safety", Role.REVIEWER), ("legal", Role.OPERATOR))


def test_loopback_needs_nothing() -> None:
    """On one machine the console starts as it is, also on the other loopback."""
    assert read_console_settings({}).is_local
    assert read_console_settings({"STAYDOWN_CONSOLE": "[::1]:8000"}).listen == ("::1", 8000)
