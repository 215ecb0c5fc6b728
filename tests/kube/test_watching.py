"""What Prometheus scrapes in the cluster, and by which names."""

import msgspec
import pytest

from services.manifests.workloads import HTTP_PORT
from tests.kube.rendering import K8S, OVERLAYS, container, of_kind, ours, pods, rendered, selects

pytestmark = pytest.mark.parametrize("overlay", OVERLAYS)


def test_every_service_is_scraped_under_its_own_name(overlay: str) -> None:
    """`job` is what alerts and dashboards ask by; what has no metrics is not scraped."""
    objects = rendered(overlay)
    monitor = of_kind("PodMonitor", objects)["staydown"]["spec"]
    (endpoint,) = monitor["podMetricsEndpoints"]
    scraped = {}
    for name, pod in pods(objects).items():
        ports = {each["name"]: each["containerPort"] for each in pod["spec"]["containers"][0].get("ports", ())}
        if selects(monitor["selector"], pod) and endpoint["port"] in ports:
            scraped[name] = pod["metadata"]["labels"][monitor["jobLabel"]]
            assert ports[endpoint["port"]] == HTTP_PORT
    assert scraped == {name: name for name in ours(objects)}
    assert endpoint["path"] == "/metrics"


def test_grafana_finds_every_dashboard_of_compose(overlay: str) -> None:
    """Its sidecar takes what bears the label; each ConfigMap holds one, as it is."""
    found = {}
    for name, each in of_kind("ConfigMap", rendered(overlay)).items():
        if each["metadata"].get("labels", {}).get("grafana_dashboard") == "1":
            ((file, text),) = each["data"].items()
            assert name == f"dashboard-{file.removesuffix('.json')}"
            found[file] = text
    assert found == {path.name: path.read_text() for path in (K8S / "observe" / "dashboards").glob("*.json")}
    assert len(found) > 1


def test_the_names_are_those_of_compose(overlay: str) -> None:
    """One set of alerts serves both."""
    told = msgspec.yaml.decode((K8S / "observe" / "prometheus.yml").read_bytes())
    jobs = {each["job_name"] for each in told["scrape_configs"]}
    assert set(ours(rendered(overlay))) - {"canary"} <= jobs


def test_what_is_scraped_listens_for_others_than_itself(overlay: str) -> None:
    """Loopback is the default, which nobody else reaches."""
    for each in ours(rendered(overlay)).values():
        told = {one["name"]: one.get("value") for one in container(each)["env"]}
        assert told["STAYDOWN_HTTP"] == f"0.0.0.0:{HTTP_PORT}"  # within its pod, behind policies
