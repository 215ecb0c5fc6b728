"""The settings of a service: read once, from STAYDOWN_* in the environment, before anything else happens.

Each field of `Settings` names its variable, its default and its meaning, so that the table in the README is drawn
from here. Promises: what is set wrongly is refused with one sentence that names the variable.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from services.contracts.parts import PARTS_MAX
from services.contracts.rules import RULES, Rules
from services.runtime.address import Kafka
from services.runtime.rule_settings import RULE_VARIABLES, read_rules
from services.runtime.security import PLAIN, SECURITY_VARIABLES, KafkaSecurity, read_security, security_options
from services.runtime.variables import Variable, whole_number

MIB = 1024 * 1024
# A sample holds where a chunk stands in 40 bits, so nothing larger can be compared.
FILE_BYTES_MAX = 2**40
PORT_MAX = 65_535
# Above what a broker answers in, below the 20 s in which `staydown up` expects a service to be gone.
REQUEST_TIMEOUT_MS = 10_000
_HOST = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_BUCKET = re.compile(r"(s3|gs|az)://[A-Za-z0-9._-]+")


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port; an IPv6 host stands in brackets."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and int(port[:6]) <= PORT_MAX):
        raise ValueError("HOST:PORT")
    return host.strip("[]"), int(port)


def _servers(text: str) -> str:
    """Return the list as it is, if every part of it is an address with a port."""
    try:
        addresses = [parse_address(server.strip()) for server in text.split(",")]
    except ValueError:
        addresses = []
    if not addresses or not all(port for _, port in addresses):
        raise ValueError("HOST:PORT, or several of them joined by commas")
    return text


def _roots(text: str) -> tuple[str, ...]:
    roots = tuple(root for root in text.split(":") if root)
    if any(not root.startswith("/") or "\0" in root for root in roots):
        raise ValueError("absolute paths joined by colons")
    return roots


def _hosts(text: str) -> tuple[str, ...]:
    """Return the hosts in lower case, an IPv6 address in brackets."""
    hosts = tuple(host.strip().lower() for host in text.split(",") if host.strip())
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise ValueError("HOST or HOST:PORT, or several of them joined by commas")
    return hosts


def _buckets(text: str) -> tuple[str, ...]:
    buckets = tuple(bucket.strip() for bucket in text.split(",") if bucket.strip())
    if not all(_BUCKET.fullmatch(bucket) for bucket in buckets):
        raise ValueError("s3://BUCKET, gs://BUCKET or az://CONTAINER, or several of them joined by commas")
    return buckets


def _path(text: str) -> str:
    if text and (not text.startswith("/") or "\0" in text):
        raise ValueError("an absolute path")
    return text


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("true or false")
    return text == "true"


def _name(text: str) -> str:
    if not all(character.isalnum() or character in "._-" for character in text):
        raise ValueError("a name of letters, digits, dots, dashes and underscores")
    return text


def _variable(name: str, parse: Callable[[str], Any], default: str, says: str) -> Any:
    return field(default=parse(default), metadata={"variable": Variable(name, default, says, parse)})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a service was told. Units stand last in the names."""

    kafka: str = _variable("STAYDOWN_KAFKA", _servers, "127.0.0.1:9092", "brokers to start from, HOST:PORT,…")
    http: tuple[str, int] = _variable(
        "STAYDOWN_HTTP",
        parse_address,
        "127.0.0.1:0",
        "where /live, /ready and /metrics are served; port 0 takes a free one",
    )
    instance: str = _variable(
        "STAYDOWN_INSTANCE",
        _name,
        "",
        "a name that survives restarts makes a static group member; empty: a dynamic one",
    )
    session_timeout_ms: int = _variable(
        "STAYDOWN_SESSION_TIMEOUT_MS",
        whole_number(1_000, 1_800_000),
        "6000",  # with what a restore takes, partitions answer again within 10 s
        "after so long without a heartbeat another member takes over, in milliseconds",
    )
    state_dir: str = _variable(
        "STAYDOWN_STATE_DIR",
        _path,
        "",
        "a directory for copies of the state, so that it may be larger than memory and a start reads only what is new; "
        "empty: state in memory",
    )
    archive_url: str = _variable(
        "STAYDOWN_ARCHIVE_URL",
        str,
        "",
        "the readable record: sqlite:////FILE or postgresql://USER@HOST/DATABASE, with ?password_file=FILE if it asks "
        "for one; empty: archive.sqlite in STAYDOWN_STATE_DIR",
    )
    media_roots: tuple[str, ...] = _variable(
        "STAYDOWN_MEDIA_ROOTS", _roots, "", "directories below which file: URIs may be read, joined by colons"
    )
    trust_upload_content: bool = _variable(
        "STAYDOWN_TRUST_UPLOAD_CONTENT", _truth, "false", "take an upload's `content` without reading the file"
    )
    ordinary_read_ms: int = _variable(
        "STAYDOWN_ORDINARY_READ_MS",
        whole_number(1, 600_000),
        "5000",
        "a read that takes longer is put off to the slow lane, in milliseconds",
    )
    ordinary_read_bytes: int = _variable(
        "STAYDOWN_ORDINARY_READ_BYTES",
        whole_number(1, FILE_BYTES_MAX),
        str(256 * MIB),
        "a larger file goes to the slow lane",
    )
    slow_read_ms: int = _variable(
        "STAYDOWN_SLOW_READ_MS",
        whole_number(1, 86_400_000),
        "1800000",
        "a read on the slow lane that takes longer is TIMED_OUT, in milliseconds",
    )
    read_bytes_max: int = _variable(
        "STAYDOWN_READ_BYTES_MAX", whole_number(1, FILE_BYTES_MAX), str(64 * 1024 * MIB), "a larger file is TOO_LARGE"
    )
    http_hosts: tuple[str, ...] = _variable(
        "STAYDOWN_HTTP_HOSTS",
        _hosts,
        "",
        "hosts from which http: and https: URIs may be read, HOST (on the scheme's own port) or HOST:PORT, joined by "
        "commas",
    )
    http_private: bool = _variable(
        "STAYDOWN_HTTP_PRIVATE",
        _truth,
        "false",
        "let those hosts have loopback and private addresses too; for tests and single machines only, since whoever "
        "runs or redirects from such a host can then have your own network read",
    )
    http_read_ms: int = _variable(
        "STAYDOWN_HTTP_READ_MS",
        whole_number(1, 86_400_000),
        "1800000",
        "the slow lane's limit for http: and https:, in milliseconds",
    )
    http_read_bytes_max: int = _variable(
        "STAYDOWN_HTTP_READ_BYTES_MAX",
        whole_number(1, FILE_BYTES_MAX),
        str(64 * 1024 * MIB),
        "a larger file at http: or https: is TOO_LARGE",
    )
    store_buckets: tuple[str, ...] = _variable(
        "STAYDOWN_STORE_BUCKETS",
        _buckets,
        "",
        "buckets that may be read, s3://BUCKET, gs://BUCKET or az://CONTAINER, joined by commas; credentials, endpoint "
        "and region come from the stores' own variables, such as AWS_ACCESS_KEY_ID",
    )
    store_keys: str = _variable(
        "STAYDOWN_STORE_KEYS_FILE",
        _path,
        "",
        "a file of lines NAME=VALUE, as AWS_SECRET_ACCESS_KEY=…, for credentials that are kept in no environment",
    )
    store_read_ms: int = _variable(
        "STAYDOWN_STORE_READ_MS",
        whole_number(1, 86_400_000),
        "1800000",
        "the slow lane's limit for object stores, in milliseconds",
    )
    store_read_bytes_max: int = _variable(
        "STAYDOWN_STORE_READ_BYTES_MAX",
        whole_number(1, FILE_BYTES_MAX),
        str(64 * 1024 * MIB),
        "a larger object is TOO_LARGE",
    )
    remote_rate_min: int = _variable(
        "STAYDOWN_REMOTE_RATE_MIN",
        whole_number(0, 2**31),
        "16384",
        "a read from elsewhere that brings less over ten seconds is TIMED_OUT, in bytes per second; 0: no limit",
    )
    index_parts: int = _variable(
        "STAYDOWN_INDEX_PARTS",
        whole_number(1, PARTS_MAX),
        "1",
        "in how many parts the recogniser's index lies, of which a unit has one; it divides the number of "
        "partitions, and is changed by bringing back a copy",
    )
    receivers: str = _variable(
        "STAYDOWN_RECEIVERS",
        _path,
        "",
        "a file that says who is told of notices and verdicts by webhook or mail; empty: nobody",
    )
    clock_ahead_seconds: int = _variable(
        "STAYDOWN_CLOCK_AHEAD_SECONDS",
        whole_number(0, 10 * 365 * 86_400),
        "0",
        "how far the clock by which deadlines are met is set forward, in seconds; for demonstrations and tests only, "
        "since what has been decided at a later time is never decided at an earlier one again",
    )
    rules: Rules = RULES
    security: KafkaSecurity = PLAIN


_OWN = tuple(each for each in fields(Settings) if each.metadata)
VARIABLES: tuple[Variable, ...] = (*(each.metadata["variable"] for each in _OWN), *RULE_VARIABLES, *SECURITY_VARIABLES)


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in the environment, or raise `SettingsError`. An empty variable is an absent one."""
    given: dict[str, Any] = {}
    for each in _OWN:
        variable: Variable = each.metadata["variable"]
        text = environment.get(variable.name, "")
        if not text:
            continue
        given[each.name] = variable.read(text)
    return Settings(rules=read_rules(environment), security=read_security(environment), **given)


def kafka_of(settings: Settings) -> Kafka:
    """Return the Kafka of the settings, with secrets as files have them now; `SettingsError` if one is of no use."""
    return Kafka(settings.kafka, security_options(settings.security))


def client_options(settings: Settings) -> dict[str, Any]:
    """Return what every Kafka client of a service is made with."""
    return {**kafka_of(settings).options, "request_timeout_ms": REQUEST_TIMEOUT_MS}
