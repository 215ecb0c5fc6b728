"""`staydown permissions`: who may do what on a Kafka with an authoriser."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import orjson
from aiokafka.errors import KafkaError
from cyclopts import App, Parameter

from services.cli.options import HERE, AsJson, Target
from services.cli.terminal import say, show_table, working
from services.client.errors import ClientError
from services.cluster.acls import create_permissions
from services.cluster.permissions import Permission, permissions
from services.cluster.probe import check_reachable

CONNECT_SECONDS_MAX = 10.0

PERMISSIONS = App(name="permissions", help="Who may do what on a Kafka with an authoriser.")

Rightsholders = Annotated[
    tuple[str, ...],
    Parameter(name="--rightsholder", help="The principal of a rightsholder that writes to Kafka. May be repeated."),
]
Principal = Annotated[str, Parameter(help="Only these; otherwise all.")]


@PERMISSIONS.command(name="list")
def show(*principals: Principal, rightsholder: Rightsholders = (), as_json: AsJson = False) -> None:
    """Tell what each principal needs, and may do; no Kafka is asked."""
    chosen = _chosen(principals, rightsholder)
    if as_json:
        told = [{"principal": name, **asdict(each)} for name, held in chosen.items() for each in held]
        say(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    rows = [
        (name, each.operation, each.resource, f"{each.name}{'*' if each.prefixed else ''}")
        for name, held in chosen.items()
        for each in held
    ]
    show_table(("principal", "may", "on", "named"), rows)


@PERMISSIONS.command
async def create(*principals: Principal, rightsholder: Rightsholders = (), target: Target = HERE) -> None:
    """Allow what is not allowed yet; what is there is left as it is."""
    chosen = _chosen(principals, rightsholder)
    kafka = target.bootstrap
    await check_reachable(kafka, CONNECT_SECONDS_MAX)
    try:
        with working("creating permissions"):
            created = await create_permissions(kafka, chosen)
    except (KafkaError, TimeoutError) as error:
        raise ClientError(f"Kafka at {kafka} did not create the permissions: {type(error).__name__}.") from error
    say(f"{len(chosen)} principals may do what they need; {created} permissions are new")


def _chosen(principals: tuple[str, ...], rightsholders: tuple[str, ...]) -> Mapping[str, tuple[Permission, ...]]:
    try:
        everybody = permissions(rightsholders)
    except ValueError as error:
        raise ClientError(f"{error}.") from None
    if unknown := set(principals) - everybody.keys():
        raise ClientError(f"There is no principal {min(unknown)}: there are {', '.join(everybody)}.")
    return {name: held for name, held in everybody.items() if not principals or name in principals}
