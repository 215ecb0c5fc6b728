"""Which Kafka a client talks to, and how it shows who it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any, TypedDict

from aiokafka.abc import AbstractTokenProvider


class Security(TypedDict, total=False):
    """The settings of aiokafka's clients for TLS and SASL, by their names there; without any: plain text."""

    security_protocol: str
    ssl_context: SSLContext
    sasl_mechanism: str
    sasl_plain_username: str
    sasl_plain_password: str
    sasl_kerberos_service_name: str
    sasl_kerberos_domain_name: str
    sasl_oauth_token_provider: AbstractTokenProvider


@dataclass(frozen=True, slots=True)
class Kafka:
    """Brokers to start from, HOST:PORT,…, and what connections to them are made with."""

    bootstrap: str
    security: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Never shown: it may hold a password."""

    @property
    def options(self) -> dict[str, Any]:
        """What every client is made with."""
        return {"bootstrap_servers": self.bootstrap, **self.security}

    @property
    def silence(self) -> str:
        """The sentence for a Kafka that does not answer: who is not known to it hears no more than that."""
        if not self.security:
            return f"No Kafka answers at {self.bootstrap}."
        protocol, name = self.security["security_protocol"], self.security.get("sasl_plain_username")
        return (
            f"No Kafka answers {name or 'the bearer of this certificate'} at {self.bootstrap} by {protocol}: it is not "
            "there, speaks another protocol, or refuses the name, the password or a certificate."
        )

    def __str__(self) -> str:
        return self.bootstrap


Address = Kafka | str
"""An address alone is a Kafka in plain text."""


def kafka_at(address: Address) -> Kafka:
    """Return the Kafka at an address."""
    return address if isinstance(address, Kafka) else Kafka(address)
