"""How a client shows Kafka who it is, and Kafka who it is itself: TLS and SASL, as settings.

Promises: secrets are in files, which are read whenever a client is made, so that whoever is started again has the new
ones; what is set wrongly or cannot be read is refused with one sentence that names the variable and the file, never
what is in it.
"""

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.runtime.address import Kafka
from services.runtime.variables import SettingsError, Variable, secret_in


class Protocol(StrEnum):
    """Kafka's own names."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class Mechanism(StrEnum):
    """By which a name and a password are shown."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


WITH_TLS = (Protocol.SSL, Protocol.SASL_SSL)
WITH_NAME = (Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL)


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """What was set; nothing of it is a secret."""

    protocol: Protocol = Protocol.PLAINTEXT
    mechanism: Mechanism = Mechanism.SCRAM_SHA_512
    username: str = ""
    password_file: str = ""
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""


PLAIN = KafkaSecurity()


def _one_of(kind: type[StrEnum]) -> Callable[[str], Any]:
    def parse(text: str) -> StrEnum:
        try:
            return kind(text)
        except ValueError:
            raise ValueError(f"one of {', '.join(kind)}") from None

    return parse


_READ: dict[str, tuple[str, Callable[[str], Any], str]] = {
    "protocol": ("SECURITY_PROTOCOL", _one_of(Protocol), f"how Kafka is spoken to: {', '.join(Protocol)}"),
    "mechanism": ("SASL_MECHANISM", _one_of(Mechanism), f"how a password is shown: {', '.join(Mechanism)}"),
    "username": ("SASL_USERNAME", str, "the principal's name, for SASL_PLAINTEXT and SASL_SSL"),
    "password_file": ("SASL_PASSWORD_FILE", str, "a file with its password"),
    "ca_file": (
        "SSL_CA_FILE",
        str,
        "a file with the certificates of those who may have signed the brokers', PEM; empty: whom the system trusts",
    ),
    "certificate_file": (
        "SSL_CERTIFICATE_FILE",
        str,
        "a file with the client's own certificate, PEM, where brokers ask for one",
    ),
    "key_file": ("SSL_KEY_FILE", str, "a file with its private key, PEM; empty: it stands in the certificate's file"),
}
_VARIABLES = {
    name: Variable(f"STAYDOWN_KAFKA_{suffix}", str(getattr(PLAIN, name)), says, parse)
    for name, (suffix, parse, says) in _READ.items()
}
SECURITY_VARIABLES: tuple[Variable, ...] = tuple(_VARIABLES.values())


def read_security(environment: Mapping[str, str]) -> KafkaSecurity:
    """Return what the environment says, or raise `SettingsError`. An empty variable is an absent one."""
    given = {
        name: variable.read(text) for name, variable in _VARIABLES.items() if (text := environment.get(variable.name))
    }
    security = KafkaSecurity(**given)
    protocol = security.protocol
    with_name, with_tls = protocol in WITH_NAME, protocol in WITH_TLS
    used = {
        **dict.fromkeys(("username", "password_file"), with_name),
        **dict.fromkeys(("ca_file", "certificate_file", "key_file"), with_tls),
    }
    for name, is_used in used.items():
        # A password that goes nowhere means that somebody thinks this connection is protected.
        if name in given and not is_used:
            raise SettingsError(f"{_name_of(name)} is set, and {_name_of('protocol')}, {protocol}, makes no use of it.")
    for name in ("username", "password_file"):
        if with_name and name not in given:
            raise SettingsError(f"{_name_of(name)} must be set for {protocol}.")
    if security.key_file and not security.certificate_file:
        raise SettingsError(f"{_name_of('key_file')} needs {_name_of('certificate_file')} too.")
    return security


def as_set(bootstrap: str, environment: Mapping[str, str] = os.environ) -> Kafka:
    """Return the Kafka at an address, to be spoken to as the environment says; or raise `SettingsError`."""
    return Kafka(bootstrap, security_options(read_security(environment)))


def security_options(security: KafkaSecurity) -> dict[str, Any]:
    """Return what a client of aiokafka's is made with, read from the files now; `SettingsError` if one is of no use."""
    if security.protocol is Protocol.PLAINTEXT:
        return {}
    options: dict[str, Any] = {"security_protocol": str(security.protocol)}
    if security.protocol in WITH_TLS:
        options["ssl_context"] = _tls(security)
    if security.protocol in WITH_NAME:
        options |= {
            "sasl_mechanism": str(security.mechanism),
            "sasl_plain_username": security.username,
            "sasl_plain_password": _password(security),
        }
    return options


def _password(security: KafkaSecurity) -> str:
    try:
        return secret_in(security.password_file)
    except ValueError as error:
        raise _unusable("password_file", security.password_file, str(error)) from None


def _tls(security: KafkaSecurity) -> ssl.SSLContext:
    """Return a context that takes only brokers with a certificate for the name by which they were reached."""
    try:
        context = ssl.create_default_context(cafile=security.ca_file or None)
    except OSError:
        raise _unusable("ca_file", security.ca_file, "a file with certificates, PEM") from None
    if security.certificate_file:
        files = (security.certificate_file, security.key_file or None)
        try:
            context.load_cert_chain(*files, password=_no_password)
        except OSError:
            which = "key_file" if security.key_file and _is_readable(security.certificate_file) else "certificate_file"
            wanted = "a file with a private key, PEM, without a password, or with a certificate of the same key"
            raise _unusable(which, getattr(security, which), wanted) from None
    return context


def _no_password() -> str:
    """Who starts a service cannot be asked for the password of a key; Python would ask on the terminal."""
    return ""


def _is_readable(path: str) -> bool:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        return False
    return True


def _unusable(name: str, path: str, wanted: str) -> SettingsError:
    return SettingsError(f"{_name_of(name)} must be {wanted}, and is {path!r}.")


def _name_of(name: str) -> str:
    return _VARIABLES[name].name
