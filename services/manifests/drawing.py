"""From the data to files: each drawn by a template, in the order in which a reader wants them."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import indent

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.manifests import workloads
from services.manifests.users import CERTIFICATE, rightsholder_rules, users
from services.manifests.workloads import TASKS, WORKLOADS
from services.runtime.provisioning import PLANNED

RULES = Path("observe/rules/staydown.yaml")
"""Alerts as a plain file of Prometheus, from k8s/ on."""

DASHBOARDS = Path("observe/dashboards")
"""Grafana's dashboards, from k8s/ on: kustomize takes no files from outside of a kustomization's folder."""

NO_RULES = "groups: []\n"

_TEMPLATES = Environment(
    loader=PackageLoader("services.manifests"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701  # no page: manifests, from our own names
)


def manifests(folder: Path) -> Mapping[str, str]:
    """Return what is drawn, by the file's name below `folder`, which is k8s/."""
    drawn = {f"base/services/{one.name}.yaml": _draw("workload", one=one) for one in WORKLOADS}
    drawn |= {f"{one.folder}/job.yaml": _draw("job", task=one) for one in TASKS}
    certified = [user.name for user in users() if user.authentication == CERTIFICATE]
    drawn["components/toolbox/job.yaml"] = _draw("toolbox", names=certified)
    drawn["components/strimzi/topics.yaml"] = _draw("topics", topics=PLANNED)
    drawn["components/strimzi/users.yaml"] = _draw("users", users=users())
    drawn["components/strimzi/rightsholder/user.yaml"] = _draw("rightsholder", rules=rightsholder_rules())
    drawn["components/keda/scaling.yaml"] = _draw("scaling", workloads=[one for one in WORKLOADS if one.follows])
    rules = (folder / RULES).read_text(encoding="utf-8") if (folder / RULES).exists() else NO_RULES
    drawn["components/prometheus/rules.yaml"] = _draw("rules", rules=indent(rules, "  "))
    names = sorted(path.stem for path in (folder / DASHBOARDS).glob("*.json"))
    drawn[f"{DASHBOARDS}/kustomization.yaml"] = _draw("dashboards", names=names)
    return drawn


def draw(folder: Path) -> None:
    """Write every drawn file below `folder`."""
    for name, text in manifests(folder).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _draw(template: str, **values: object) -> str:
    return _TEMPLATES.get_template(f"{template}.yaml.j2").render(**values, all=workloads)
