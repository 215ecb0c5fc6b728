"""Permissions as Strimzi takes them: for each principal its resources, each with all that may be done with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.cluster.permissions import Permission, of_rightsholder, permissions
from services.manifests.workloads import TASKS, WORKLOADS

PASSWORD, CERTIFICATE = "scram-sha-512", "tls"


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be done with one resource, or with all whose names begin so."""

    resource: str
    name: str
    pattern: str
    operations: Sequence[str]


@dataclass(frozen=True, slots=True)
class User:
    """A principal. Services have passwords, which rotate by themselves; who comes from elsewhere has a certificate."""

    name: str
    authentication: str
    rules: Sequence[Rule]


def users() -> list[User]:
    """Return everybody but rightsholders. Strimzi's operator makes topics, so who is provisioner there is a person."""
    ours = {one.name for one in WORKLOADS} | {one.principal for one in TASKS if one.claim}
    return [User(name, PASSWORD if name in ours else CERTIFICATE, rules(held)) for name, held in permissions().items()]


def rightsholder_rules() -> list[Rule]:
    """Return what every rightsholder may do."""
    return rules(of_rightsholder())


def rules(held: Iterable[Permission]) -> list[Rule]:
    """Return permissions by resource."""

    def resource(one: Permission) -> tuple[str, str, str]:
        return one.resource.value, one.name, "prefix" if one.prefixed else "literal"

    by_resource = groupby(sorted(held, key=lambda one: (resource(one), one.operation)), resource)
    return [Rule(*key, [one.operation.value for one in each]) for key, each in by_resource]
