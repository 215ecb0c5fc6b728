"""The settings of TLS and SASL: what is set wrongly is told in one sentence, which never holds a secret."""

import os
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from services.runtime.run import EXIT_SETTINGS
from services.runtime.security import as_set
from services.runtime.settings import client_options, read_settings
from services.runtime.variables import SettingsError
from tests.wire.certificates import Authority

PREFIX = "STAYDOWN_KAFKA_"
SECRET = "correct horse battery"  # noqa: S105  # of a test


def _environment(**values: str | Path) -> dict[str, str]:
    return {f"{PREFIX}{name}": str(value) for name, value in values.items()}


@pytest.fixture
def password(tmp_path: Path) -> Path:
    """Give a file with a password."""
    path = tmp_path / "password"
    path.write_text(f"{SECRET}\n")
    return path


def _by_name(password: Path, **more: str | Path) -> dict[str, str]:
    protocol = more.pop("SECURITY_PROTOCOL", "SASL_SSL")
    return _environment(SECURITY_PROTOCOL=protocol, SASL_USERNAME="hasher", SASL_PASSWORD_FILE=password, **more)


def test_without_settings_kafka_is_spoken_to_in_plain_text() -> None:
    """As on one machine."""
    assert as_set("a:1", {}).options == {"bootstrap_servers": "a:1"}


def test_a_client_is_made_with_what_the_files_hold_at_that_moment(password: Path) -> None:
    """So a service that is started again has the new password, with the same settings."""
    settings = read_settings(_by_name(password))
    assert client_options(settings)["sasl_plain_password"] == SECRET
    password.write_text(SECRET[::-1])
    options = client_options(settings)
    assert options["sasl_plain_password"] == SECRET[::-1]
    assert (options["security_protocol"], options["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert options["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert options["ssl_context"].check_hostname


def test_a_name_and_a_password_may_go_without_tls(password: Path) -> None:
    """Where the network is somebody else's care."""
    options = as_set("a:1", _by_name(password, SECURITY_PROTOCOL="SASL_PLAINTEXT", SASL_MECHANISM="PLAIN")).options
    assert options["sasl_mechanism"] == "PLAIN"
    assert "ssl_context" not in options


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"SECURITY_PROTOCOL": "TLS"}, "SECURITY_PROTOCOL"),
        ({"SECURITY_PROTOCOL": "sasl_ssl"}, "SECURITY_PROTOCOL"),
        ({"SECURITY_PROTOCOL": "SASL_SSL"}, "SASL_USERNAME"),
        ({"SECURITY_PROTOCOL": "SASL_SSL", "SASL_USERNAME": "hasher"}, "SASL_PASSWORD_FILE"),
        ({"SECURITY_PROTOCOL": "SASL_SSL", "SASL_MECHANISM": "GSSAPI"}, "SASL_MECHANISM"),
        ({"SASL_PASSWORD_FILE": "/p"}, "SASL_PASSWORD_FILE"),
        ({"SSL_CA_FILE": "/ca"}, "SSL_CA_FILE"),
        ({"SECURITY_PROTOCOL": "SSL", "SASL_USERNAME": "hasher"}, "SASL_USERNAME"),
        ({"SECURITY_PROTOCOL": "SSL", "SSL_KEY_FILE": "/key"}, "SSL_KEY_FILE"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_its_name(given: Mapping[str, str], named: str) -> None:
    """A password that would be ignored is as wrong as one that is missing."""
    with pytest.raises(SettingsError, match=f"^{PREFIX}{named} "):
        read_settings(_environment(**given))


def test_a_password_that_cannot_be_read_is_refused_by_variable_and_file(tmp_path: Path) -> None:
    """Missing, empty, a folder, or no text."""
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "missing", empty, tmp_path, binary):
        with pytest.raises(SettingsError) as refused:
            as_set("a:1", _by_name(path))
        assert f"{PREFIX}SASL_PASSWORD_FILE" in str(refused.value)
        assert str(path) in str(refused.value)


def test_files_of_tls_that_are_of_no_use_are_refused_by_variable_and_file(tmp_path: Path) -> None:
    """Missing or not PEM; a key of another certificate; a key with a password, which nobody can be asked for."""
    ours, others = Authority(tmp_path / "ours"), Authority(tmp_path / "others")
    certificate, key = ours.certify("hasher")
    _, foreign = others.certify("hasher")
    locked = tmp_path / "locked.key"
    sealed = BestAvailableEncryption(SECRET.encode())
    locked.write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed))
    text = tmp_path / "text"
    text.write_text(SECRET)
    for variable, path, files in (
        ("SSL_CA_FILE", tmp_path / "missing", {}),
        ("SSL_CA_FILE", text, {}),
        ("SSL_CERTIFICATE_FILE", tmp_path / "missing", {"SSL_KEY_FILE": key}),
        ("SSL_CERTIFICATE_FILE", text, {"SSL_KEY_FILE": key}),
        ("SSL_CERTIFICATE_FILE", certificate, {}),
        ("SSL_KEY_FILE", tmp_path / "missing", {"SSL_CERTIFICATE_FILE": certificate}),
        ("SSL_KEY_FILE", text, {"SSL_CERTIFICATE_FILE": certificate}),
        ("SSL_KEY_FILE", foreign, {"SSL_CERTIFICATE_FILE": certificate}),
        ("SSL_KEY_FILE", locked, {"SSL_CERTIFICATE_FILE": certificate}),
    ):
        with pytest.raises(SettingsError) as refused:
            as_set("a:1", _environment(SECURITY_PROTOCOL="SSL", **{**files, variable: path}))
        assert str(refused.value).startswith(f"{PREFIX}{variable} ")
        assert str(path) in str(refused.value)
        assert SECRET not in str(refused.value)


def test_what_a_client_is_made_with_is_never_shown(password: Path) -> None:
    """Whatever puts it into a log or a traceback."""
    assert SECRET not in repr(as_set("a:1", _by_name(password)))
    assert SECRET not in repr(read_settings(_by_name(password)))


@pytest.mark.parametrize("service", ["hasher", "notifier"])
def test_a_service_refuses_a_password_that_cannot_be_read_before_it_does_anything(service: str, tmp_path: Path) -> None:
    """With one sentence, and the exit code of every wrong setting."""
    environment = {**os.environ, **_by_name(tmp_path / "missing")}
    command = [sys.executable, "-m", f"services.{service}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == EXIT_SETTINGS
    assert done.stderr.startswith(f"{service}: {PREFIX}SASL_PASSWORD_FILE must be a file that can be read")
    assert done.stderr.count("\n") == 1
