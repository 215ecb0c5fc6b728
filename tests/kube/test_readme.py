"""What k8s/README.md tells an operator to write works as it stands there."""

import re
import subprocess
from pathlib import Path

import pytest

from services.cli import APP
from services.manifests.users import CERTIFICATE, users
from services.runtime.variables import SettingsError, own
from tests.kube.checking import check
from tests.kube.rendering import K8S, ROOT, built, environment, files, of_kind, ours, pods, workloads

README = (K8S / "README.md").read_text()
FILES = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", README, re.DOTALL))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page's files beside a checkout, which this one stands for."""
    folder = tmp_path_factory.mktemp("operator")
    (folder / "staydown").symlink_to(ROOT)
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return folder


def test_the_operator_s_own_cluster_is_valid(written: Path) -> None:
    """With its image by digest, its settings, and its sizes wherever they count."""
    objects = built(written / "cluster")
    for each in objects:
        check(each)
    assert {pod["spec"]["containers"][0]["image"].partition("@")[0] for pod in pods(objects).values()} == {
        "registry.example.org/staydown"
    }
    assert {each["spec"]["partitions"] for each in of_kind("KafkaTopic", objects).values()} == {24}
    assert {each["spec"]["maxReplicaCount"] for each in of_kind("ScaledObject", objects).values()} == {24}
    assert of_kind("KafkaNodePool", objects)["brokers"]["spec"]["replicas"] == 5
    (disk,) = of_kind("KafkaNodePool", objects)["brokers"]["spec"]["storage"]["volumes"]
    assert disk["size"] == "500Gi"
    assert disk["deleteClaim"] is False
    settings = [each["data"] for each in of_kind("ConfigMap", objects).values()]
    assert any(each.get("STAYDOWN_STORE_BUCKETS") == "s3://uploads.your-platform.example" for each in settings)
    assert any(each.get("STAYDOWN_CONSOLE") for each in settings if "our-platform" in str(each))


def test_whoever_follows_the_page_has_filled_in_all_that_must_be(written: Path) -> None:
    """And whoever copies it as it is, is told so by every service that it concerns."""
    objects = built(written / "cluster")
    said = [
        text
        for name in ours(objects)
        for text in environment(name, objects).values()
        if "your-platform.example" in text
    ]
    assert said
    for text in said:
        with pytest.raises(SettingsError):
            own("X", text)
        assert own("X", text.replace("your-platform.example", "our-platform.test"))


def test_a_store_in_the_operator_s_own_network_is_reached_and_told_of(written: Path) -> None:
    """Its port is open for the hasher beside the world's, its keys are where the settings say, and nothing is lost."""
    objects = built(written / "cluster")
    world, own_store = of_kind("NetworkPolicy", objects)["sources"]["spec"]["egress"]
    assert {each["port"] for each in world["ports"]} == {80, 443}
    told = environment("hasher", objects)
    assert told["AWS_ENDPOINT_URL"].endswith(f":{own_store['ports'][0]['port']}")
    assert told["STAYDOWN_STORE_BUCKETS"] == "s3://uploads.your-platform.example"
    assert told["STAYDOWN_STORE_KEYS_FILE"] in files(pods(objects)["hasher"])


def test_alerts_lead_to_where_the_operator_says_that_pages_are(written: Path) -> None:
    """Each to its own; and what only records has none."""
    (rules,) = of_kind("PrometheusRule", built(written / "cluster")).values()
    base = "https://git.your-platform.example/staydown/blob/main/.github/runbooks/"
    for rule in (each for group in rules["spec"]["groups"] for each in group["rules"]):
        assert ("annotations" in rule) == ("alert" in rule)
        if "alert" in rule:
            page = rule["annotations"]["runbook_url"].removeprefix(base)
            assert (ROOT / ".github/runbooks" / page).is_file()


def test_without_the_operator_the_page_s_line_says_where_pages_are() -> None:
    """To a Prometheus that reads the rules as they are."""
    (expression,) = re.findall(r'`sed -i ("[^"]*\$BASE[^"]*")`', README)
    rules = (K8S / "observe/rules/staydown.yaml").read_text()
    command = f"BASE=https://git.test/x; sed {expression}"
    done = subprocess.run(["sh", "-c", command], input=rules, capture_output=True, text=True, check=True)
    before, after = (re.findall(r"runbook_url: (\S+)", text) for text in (rules, done.stdout))
    assert after == [each.replace(".github", "https://git.test/x") for each in before]
    assert before


@pytest.mark.parametrize("layer", ["at-rest", "backup", "restore", "toolbox", "copies"])
def test_a_layer_over_the_operator_s_cluster_is_valid_and_has_its_images_and_sizes(written: Path, layer: str) -> None:
    """Though it names neither; and its Job finds the settings by the names that they have."""
    objects = built(written / layer)
    for each in objects:
        check(each)
    images = {pod["spec"]["containers"][0]["image"].partition("@sha256:")[0] for pod in pods(objects).values()}
    assert images == {"registry.example.org/staydown"}
    if layer in ("backup", "restore"):
        (only,) = pods(objects)[layer]["spec"]["containers"]
        assert only["args"][1:] == [layer, "/backups/2026-11-26", "--partitions", "24"]
        assert environment(layer, objects)["STAYDOWN_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"


def test_a_person_finds_copies_where_the_jobs_have_written_them(written: Path) -> None:
    """On the same claim, at the same path."""

    def mounted(layer: str, job: str) -> tuple[str, str]:
        pod = pods(built(written / layer))[job]["spec"]
        (claim,) = (each for each in pod["volumes"] if "persistentVolumeClaim" in each)
        (mount,) = (each for each in pod["containers"][0]["volumeMounts"] if each["name"] == claim["name"])
        return claim["persistentVolumeClaim"]["claimName"], mount["mountPath"]

    assert mounted("copies", "toolbox") == mounted("backup", "backup") == mounted("restore", "restore")


def test_every_principal_of_a_person_is_named_beside_what_it_is_for() -> None:
    """By its name in the toolbox, and by commands that there are."""
    section = README.partition("## By hand")[2].partition("\n## ")[0]
    people = {each.name for each in users() if each.authentication == CERTIFICATE} | {"archivist"}
    assert set(re.findall(r"^\| `(\S+)` \|", section, re.MULTILINE)) == people
    commands = re.findall(r"-- as (\S+) staydown (.+)", section)
    assert commands
    for principal, command in commands:
        assert principal in people
        called, _, ignored = APP.parse_args(command, exit_on_error=False, print_error=False)
        assert callable(called)
        assert not ignored


def test_each_rightsholder_is_a_principal_of_their_own(written: Path) -> None:
    """By the pattern and a suffix."""
    (user,) = built(written / "rightsholders" / "label-1")
    check(user)
    assert user["metadata"]["name"] == "rightsholder-label-1"


def test_every_secret_that_is_mounted_is_named(written: Path) -> None:
    """A pod that waits for a Secret waits for ever."""
    mounted = set()
    for each in workloads(built(written / "cluster")).values():
        for volume in each["spec"]["template"]["spec"]["volumes"]:
            mounted |= {source["secret"]["name"] for source in volume.get("projected", {}).get("sources", ())}
            mounted |= {volume["secret"]["secretName"]} if "secret" in volume else set()
    made = set(re.findall(r"create secret generic (\S+)", README))
    ca = "staydown-cluster-ca-cert"
    assert mounted - made == {f"kafka-{name}" for name in ours(built(written / "cluster"))} | {ca}
    assert f"`{ca}`" in README


def test_every_part_is_described() -> None:
    """Each overlay and component, by its folder."""
    for path in (*(K8S / "overlays").iterdir(), *(K8S / "components").iterdir()):
        assert f"{path.parent.name}/{path.name}/" in README
