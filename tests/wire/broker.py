"""A Kafka that lets in who shows who they are, and lets them do what they may: TLS, SCRAM, certificates, an authoriser.

Beside the listeners under test it has one in plain text, on loopback, whose clients are super users: the broker's own.
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.cluster.acls import create_permissions
from services.cluster.kafka import lay_nodes, prepare_kafka
from services.cluster.permissions import permissions
from services.cluster.ports import LOOPBACK, free_ports
from services.cluster.probe import wait_until_ready
from services.cluster.supervision import Supervisor
from services.runtime.address import Kafka
from services.runtime.provisioning import create_topics
from services.runtime.security import as_set
from tests.wire.certificates import Authority

RIGHTSHOLDER = "a-label"
ADMIN = "admin"
PARTITIONS = 2
READY_SECONDS_MAX = 40.0
STOP_SECONDS_MAX = 8.0
TOOL_SECONDS_MAX = 60.0
PREFIX = "STAYDOWN_KAFKA_"


@dataclass(frozen=True, slots=True)
class SecuredKafka:
    """Its listeners: for who has a password, for who has a certificate, and the broker's own."""

    by_name: str
    by_certificate: str
    own: str
    authority: Authority
    folder: Path
    java: tuple[str, ...] = field(repr=False)

    def named(self, name: str, **more: str | Path) -> dict[str, str]:
        """Return the settings of a principal that shows its password."""
        password = self.folder / f"{name}.password"
        if not password.exists():
            password.write_text(f"{first_password(name)}\n")
        given = {"SASL_USERNAME": name, "SASL_PASSWORD_FILE": password, "SSL_CA_FILE": self.authority.file, **more}
        return _environment(self.by_name, SECURITY_PROTOCOL="SASL_SSL", **given)

    def certified(self, certificate: Path | None, key: Path | None, **more: str | Path) -> dict[str, str]:
        """Return the settings of a principal that shows a certificate, or should."""
        given = {"SSL_CA_FILE": self.authority.file, **more}
        if certificate is not None and key is not None:
            given |= {"SSL_CERTIFICATE_FILE": certificate, "SSL_KEY_FILE": key}
        return _environment(self.by_certificate, SECURITY_PROTOCOL="SSL", **given)

    def change_password(self, name: str, password: str) -> None:
        """Give a principal another password, as an administrator does; its file still has the old one."""
        scram = f"SCRAM-SHA-512=[iterations=4096,password={password}]"
        where = ("--bootstrap-server", self.own, "--alter", "--entity-type", "users", "--entity-name", name)
        _run((*self.java, "kafka.admin.ConfigCommand", *where, "--add-config", scram))


def kafka_by(environment: Mapping[str, str]) -> Kafka:
    """Return the Kafka that these settings name, as a service or a command would."""
    return as_set(environment["STAYDOWN_KAFKA"], environment)


def first_password(name: str) -> str:
    """Return what a principal begins with."""
    return f"{name}'s first"


@asynccontextmanager
async def secured_kafka(folder: Path) -> AsyncIterator[SecuredKafka]:
    """Run it, with every topic, and every principal with its password and its permissions."""
    nodes = lay_nodes(1)
    child = (await prepare_kafka(folder / "kafka", nodes, print)).children[0]
    java, properties = child.command[:-2], Path(child.command[-1])
    by_name, by_certificate, own = (f"{LOOPBACK}:{port}" for port in (*free_ports(2), nodes[0].port))
    kafka = SecuredKafka(by_name, by_certificate, own, Authority(folder / "authority"), folder, java)
    everybody = permissions([RIGHTSHOLDER])
    await asyncio.to_thread(_lay_out, kafka, properties, nodes[0].controller_port, (ADMIN, *everybody))
    supervisor = Supervisor(lambda _: None)
    await supervisor.start(child)
    try:
        await wait_until_ready(kafka.own, READY_SECONDS_MAX)
        await create_permissions(kafka_by(kafka.named(ADMIN)), everybody)
        await create_topics(kafka_by(kafka.named("provisioner")), PARTITIONS)
        yield kafka
    finally:
        await supervisor.stop(supervisor.pids, STOP_SECONDS_MAX)


def _settings(kafka: SecuredKafka, controller_port: int) -> Mapping[str, str]:
    """Return what this Kafka has beside the settings of every local one; the later line counts."""
    certificate, key = kafka.authority.certify("broker")
    both = certificate.with_name("broker.both")
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    listeners = f"PLAINTEXT://{kafka.own},SASL_SSL://{kafka.by_name},SSL://{kafka.by_certificate}"
    protocols = ("PLAINTEXT", "SSL", "SASL_SSL")
    return {
        "listeners": f"{listeners},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": listeners,
        "listener.security.protocol.map": ",".join((*(f"{each}:{each}" for each in protocols), "CONTROLLER:PLAINTEXT")),
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "listener.name.ssl.ssl.client.auth": "required",
        "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(both),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(kafka.authority.file),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:ANONYMOUS;User:{ADMIN}",
    }


def _lay_out(kafka: SecuredKafka, properties: Path, controller_port: int, names: Iterable[str]) -> None:
    """Set up the listeners, and format the storage anew, with the passwords of all in its first records."""
    with properties.open("a") as stream:
        stream.writelines(f"{name}={value}\n" for name, value in _settings(kafka, controller_port).items())
    shutil.rmtree(properties.with_name("data"))
    cluster_id = (properties.parent.parent / "cluster-id").read_text()
    scram = [f"SCRAM-SHA-512=[name={name},iterations=4096,password={first_password(name)}]" for name in names]
    added = [word for each in scram for word in ("--add-scram", each)]
    _run((*kafka.java, "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(properties), *added))


def _run(command: tuple[str, ...]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=TOOL_SECONDS_MAX, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _environment(kafka: str, **values: str | Path) -> dict[str, str]:
    return {"STAYDOWN_KAFKA": kafka, **{f"{PREFIX}{name}": str(value) for name, value in values.items()}}
