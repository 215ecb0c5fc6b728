"""Permissions on a Kafka with an authoriser: read and created, as its own tool `kafka-acls` would.

Promises: creating is idempotent and takes nothing away that is there; what is missing is created by one request, which
Kafka does wholly or tells what it did not do.
"""

from collections.abc import Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1, DescribeAclsRequest
from aiokafka.protocol.api import Request

from services.cluster.errors import ClusterError
from services.cluster.permissions import Operation, Permission, Resource
from services.runtime.address import Address
from services.runtime.checking import admin_client

Held = tuple[str, Permission]
"""A principal, and one thing that it may do."""

# Kafka's protocol: the numbers of its own enumerations.
RESOURCES = {Resource.TOPIC: 2, Resource.GROUP: 3, Resource.TRANSACTIONAL_ID: 5}
OPERATIONS = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.DELETE: 6,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
    Operation.ALTER_CONFIGS: 11,
}
LITERAL, _PREFIXED = 3, 4
_ANY, ALLOW = 1, 3
_USER = "User:"
_EVERYWHERE = "*"


async def create_permissions(kafka: Address, wanted: Mapping[str, Sequence[Permission]]) -> int:
    """Create what is missing and return how much that was; ClusterError if Kafka refuses."""
    async with admin_client(kafka) as admin:
        there = await permissions_there(admin)
        asked = {(principal, each) for principal, held in wanted.items() for each in held}
        missing = sorted(asked - there)
        if missing:
            await _create(admin, missing)
    return len(missing)


async def permissions_there(admin: AIOKafkaAdminClient) -> set[Held]:
    """Return what is allowed already; what we never create is passed over."""
    answer = await admin._send_request(  # noqa: SLF001  # the client knows the request, and has no method for it
        DescribeAclsRequest(_ANY, None, _ANY, None, None, _ANY, ALLOW)
    )
    _check(answer.error_code, answer.error_message)
    resources = {number: each for each, number in RESOURCES.items()}
    operations = {number: each for each, number in OPERATIONS.items()}
    return {
        (
            principal.removeprefix(_USER),
            Permission(resources[kind], name, operations[operation], prefixed=pattern == _PREFIXED),
        )
        for kind, name, pattern, acls in answer.resources
        for principal, host, operation, _ in acls
        if kind in resources and operation in operations and host == _EVERYWHERE and principal.startswith(_USER)
    }


async def _create(admin: AIOKafkaAdminClient, missing: Sequence[Held]) -> None:
    answer = await admin._send_request(_CreateAcls(missing))  # noqa: SLF001  # as above
    for code, message in answer.creation_responses:
        _check(code, message)


def _check(code: int, message: str | None) -> None:
    if code:
        raise ClusterError(f"Kafka does not let permissions be read or created: {message or for_code(code).__name__}.")


class _CreateAcls(Request[CreateAclsRequest_v1]):  # type: ignore[misc]  # untyped there
    """Many in one request; the client's own takes one."""

    API_KEY = CreateAclsRequest_v1.API_KEY

    def __init__(self, created: Sequence[Held]) -> None:
        self._created = created

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class(
            [
                (
                    RESOURCES[each.resource],
                    each.name,
                    _PREFIXED if each.prefixed else LITERAL,
                    f"{_USER}{principal}",
                    _EVERYWHERE,
                    OPERATIONS[each.operation],
                    ALLOW,
                )
                for principal, each in self._created
            ]
        )
