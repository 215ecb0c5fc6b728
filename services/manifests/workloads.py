"""What runs in the cluster, as data: the services of the pipeline and those beside it, each once.

A processor that keeps state is a StatefulSet: its pods have names that survive restarts, and a volume each for the
cache of their state. Everything else is a Deployment.
"""

from dataclasses import dataclass

from services.archivist import ARCHIVIST
from services.contracts.processor import Engine, Processor
from services.pipeline import PIPELINE

USER_ID = 10001
"""Who runs the image; the same number stands in `services/Dockerfile`."""

HTTP_PORT = 9100
CONSOLE_PORT = 8080
BACKUPS = "backups"
"""The volume of copies, and where its Jobs have it."""

GRACE_SECONDS = 30
"""Above the longest drain of any service, and what `staydown up` gives them; the kubelet's own default, written out."""

# A page that is being taken out of the balancer is still asked for some seconds.
CONSOLE_LINGER_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a service takes: cores and MiB of memory that it is promised, and the most memory.

    There is no limit of cores: a unit that is throttled misses its heartbeats, and what is not used is nobody's.
    """

    cores: str
    memory_mib: int
    memory_mib_max: int
    disk_gib: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One service in the cluster. `settings`: the ConfigMaps it is told by, beside the one that all have.

    `secrets`: files by the Secret they come from, beside the password for Kafka; `follows`: the topics by whose lag it
    is scaled. `alone`: a second one would contradict the first, so an update ends it before it begins the next.
    """

    name: str
    needs: Needs
    keeps_state: bool = False
    settings: tuple[str, ...] = ()
    secrets: tuple[tuple[str, str, str], ...] = ()
    follows: tuple[str, ...] = ()
    alone: bool = False

    @property
    def kind(self) -> str:
        """What Kubernetes runs it by."""
        return "StatefulSet" if self.keeps_state else "Deployment"


ARCHIVE = ("archive", "password", "archive.password")
CONSOLE = (("console", "session.key", "session.key"), ("console", "client.secret", "client.secret"))

NEEDS = {
    # 4,000 uploads/s took enforcer and matcher half a core each, with 12 partitions on one process (README).
    "hasher": Needs(cores="500m", memory_mib=256, memory_mib_max=512),
    "registry": Needs(cores="250m", memory_mib=256, memory_mib_max=1024, disk_gib=4),
    "enforcer": Needs(cores="500m", memory_mib=512, memory_mib_max=2048, disk_gib=16),
    "matcher": Needs(cores="500m", memory_mib=512, memory_mib_max=2048, disk_gib=16),
    "recogniser": Needs(cores="250m", memory_mib=512, memory_mib_max=2048, disk_gib=16),
    "ledger": Needs(cores="100m", memory_mib=256, memory_mib_max=1024, disk_gib=4),
    "archivist": Needs(cores="250m", memory_mib=256, memory_mib_max=512),
    "notifier": Needs(cores="100m", memory_mib=256, memory_mib_max=512),
    "console": Needs(cores="100m", memory_mib=256, memory_mib_max=512),
    "canary": Needs(cores="50m", memory_mib=128, memory_mib_max=256),
}


def _processor(one: Processor) -> Workload:
    follows = () if one.engine is Engine.EXACTLY_ONCE else tuple(topic.name for topic in one.reads)
    return Workload(
        name=one.name,
        needs=NEEDS[one.name],
        keeps_state=one.engine is Engine.EXACTLY_ONCE,
        settings=("sources",) if one.engine is Engine.AT_LEAST_ONCE else (),
        follows=follows,
    )


WORKLOADS: tuple[Workload, ...] = (
    *(_processor(one) for one in PIPELINE),
    Workload(
        name=ARCHIVIST.name,
        needs=NEEDS[ARCHIVIST.name],
        settings=("archive",),
        secrets=(ARCHIVE,),
        follows=tuple(topic.name for topic in ARCHIVIST.reads),
    ),
    Workload(
        name="notifier",
        needs=NEEDS["notifier"],
        settings=("archive", "receivers"),
        secrets=(ARCHIVE,),
        follows=("notices.issued.v1", "verdicts.decided.v1"),
    ),
    Workload(name="console", needs=NEEDS["console"], settings=("archive", "console"), secrets=(ARCHIVE, *CONSOLE)),
    # Each enrols with a key of its own, so what another submits is refused from then on.
    Workload(name="canary", needs=NEEDS["canary"], settings=("canary",), alone=True),
)
"""Everything that runs for as long as the cluster does, in the order in which a record meets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A command that is run once at each installation and may be run again: a Job.

    `folder`: where it is drawn; `principal`: who it is on Kafka, if it speaks to it; `claim`: the volume of copies.
    """

    folder: str
    name: str
    command: tuple[str, ...]
    settings: tuple[str, ...] = ()
    secrets: tuple[tuple[str, str, str], ...] = ()
    principal: str = ""
    claim: str = ""


def _copying(name: str, principal: str) -> Task:
    """Return what takes copies or brings one back: kustomize writes its third word, the folder, and its fifth."""
    command = (name, f"/{BACKUPS}/copy", "--partitions", "12")
    return Task(folder=f"components/{name}", name=name, command=command, principal=principal, claim=BACKUPS)


TASKS: tuple[Task, ...] = (
    Task(
        folder="base", name="archive-migrate", command=("archive", "migrate"), settings=("archive",), secrets=(ARCHIVE,)
    ),
    Task(
        folder="components/topics",
        name="topics",
        command=("topics", "create", "--partitions", "12"),
        principal="provisioner",
    ),
    _copying("backup", "keeper"),
    _copying("restore", "restorer"),
)
