"""README's diagram and tables, drawn from the pipeline, the settings and the client; and the catalogue of metrics.

What is said in two places is derived in one: `python -m services.drawing README.md .github/METRICS.md` brings them up
to date, and a test compares them with what is drawn here.
"""

import re
import sys
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from services.canary import metrics as canary_metrics
from services.canary.settings import CANARY_VARIABLES
from services.client.wanted import COLUMNS
from services.console.settings import CONSOLE_VARIABLES
from services.contracts.topics import TOPICS, Cleanup, Topic
from services.notifier import metrics as notifier_metrics
from services.pipeline import FOLLOWERS, PIPELINE
from services.runtime import metrics as runtime_metrics
from services.runtime.labels import LABELS
from services.runtime.settings import VARIABLES

WORLD = {
    "upload pipeline": "pipeline",
    "uploader": "uploaders",
    "rightsholder": "rightsholders",
    "legal team": "legal",
    "trust-and-safety": "safety",
}
_MARKED = re.compile(r"(<!-- drawn: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def diagram() -> str:
    """Return the pipeline as a Mermaid flowchart: services as boxes, topics as arrows, the world at both ends."""
    lines = ["```mermaid", "flowchart LR"]
    lines += [f"    {shape}([{name}])" for name, shape in WORLD.items()]
    lines += [f"    {processor.name}[{processor.name}]" for processor in PIPELINE]
    lines += ["    world([the platform and its people])"]
    for topic in TOPICS:
        writers = [WORLD.get(writer, writer) for writer in topic.writers]
        readers = [processor.name for processor in PIPELINE if topic in (*processor.reads, *processor.broadcasts)]
        lines += [f"    {one} -- {_short(topic)} --> {other}" for one in writers for other in readers or ["world"]]
    lines += [f"    public([every public topic]) --> {follower.name}[{follower.name}]" for follower in FOLLOWERS]
    return "\n".join([*lines, "```"])


def services() -> str:
    """Return the table of services."""
    rows = ["| service | engine | reads | writes | keeps |", "|---|---|---|---|---|"]
    for one in PIPELINE:
        reads = ", ".join(
            [f"first {_short(topic)}" if topic in one.first else _short(topic) for topic in one.reads]
            + [f"broadcast {_short(topic)}" for topic in one.broadcasts]
        )
        writes = ", ".join(_short(topic) for topic in one.writes)
        rows.append(f"| {one.name} | {one.engine.value} | {reads} | {writes} | {one.keeps} |")
    for follower in FOLLOWERS:
        reads = "every public topic"
        rows.append(f"| {follower.name} | {follower.engine} | {reads} | nothing | {follower.keeps} |")
    return "\n".join(rows)


def topics() -> str:
    """Return the table of topics."""
    rows = ["| topic | key | written by | kept | what one record says |", "|---|---|---|---|---|"]
    rows += [
        f"| {one.name}{'' if one.public else ' (inside)'} | {one.key} | {', '.join(one.writers)} | {_kept(one)} "
        f"| {one.says} |"
        for one in TOPICS
    ]
    return "\n".join(rows)


def settings() -> str:
    """Return the table of the variables that a service reads."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    told = (*VARIABLES, *CONSOLE_VARIABLES, *CANARY_VARIABLES)
    rows += [f"| `{one.name}` | {f'`{one.default}`' if one.default else 'empty'} | {one.says} |" for one in told]
    return "\n".join(rows)


def columns() -> str:
    """Return the table of the columns of a list of works."""
    rows = ["| column | what it says |", "|---|---|"]
    return "\n".join([*rows, *(f"| `{name}` | {says} |" for name, says in COLUMNS.items())])


def catalogue() -> tuple[MetricWrapperBase, ...]:
    """Return every metric that any service has, in the order of the catalogue."""
    modules = (runtime_metrics, notifier_metrics, canary_metrics)
    return tuple(one for module in modules for one in vars(module).values() if isinstance(one, MetricWrapperBase))


def metrics() -> str:
    """Return the table of metrics."""
    rows = ["| metric | type | labels | meaning, and what to do |", "|---|---|---|---|"]
    for one in catalogue():
        (family,) = one.describe()
        name = family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")
        labels = ", ".join(one._labelnames)  # noqa: SLF001  # there is no other way to ask
        rows.append(f"| `{name}` | {family.type} | {labels} | {family.documentation} |")
    return "\n".join(rows)


def labels() -> str:
    """Return the table of labels."""
    rows = ["| label | values |", "|---|---|"]
    return "\n".join([*rows, *(f"| `{name}` | {says} |" for name, says in LABELS.items())])


def redraw(text: str) -> str:
    """Return `text` with every marked section drawn anew."""
    pipeline = {"diagram": diagram, "services": services, "topics": topics, "settings": settings, "columns": columns}
    drawn = {**pipeline, "metrics": metrics, "labels": labels}
    return _MARKED.sub(lambda found: f"{found[1]}{drawn[found['name']]()}\n{found[3]}", text)


def _short(topic: Topic) -> str:
    return topic.name.removesuffix(".v1")


def _kept(topic: Topic) -> str:
    match topic.cleanup:
        case Cleanup.KEEP:
            return "for years"
        case Cleanup.COMPACT:
            return "the latest of each key"
        case Cleanup.DELETE:
            return f"{topic.retention_ms // (24 * 3600 * 1000)} days"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(redraw(path.read_text()))
