"""The rules of the house that a machine can hold: who imports whom, sizes, and what is said in two places."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.contracts.processor import Engine
from services.contracts.topics import TOPICS
from services.drawing import redraw
from services.manifests.drawing import manifests
from services.pipeline import PIPELINE

ROOT = Path(__file__).parents[2]
PROCESSORS = [processor.name for processor in PIPELINE]
TOUCHES_THE_WORLD = {"runtime", "cluster", "cli", "client", "archivist", "notifier"}
WORLDLY = {"aiokafka", "aiohttp", "asyncio", "os", "pathlib", "random", "shutil", "socket", "subprocess", "time"}
TOP_LEVEL = {
    "services", "proto", "k8s", "loadtest", "tests", "docker-compose.yml", "pyproject.toml", "README.md",
    "Makefile", "LICENSE", "requirements.lock",
}  # fmt: skip
LINES_MAX = 300
FUNCTION_LINES_MAX = 40


def _sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_the_console_reads_the_archive_and_speaks_as_those_outside_do() -> None:
    """It imports no service: what it shows is in the archive, and what people decide goes out by the client."""
    allowed = tuple(f"services.{name}" for name in ("archive", "client", "console", "contracts", "runtime"))
    for path in _sources("services/console"):
        for module in _imports(path):
            assert not module.startswith("services.") or module.startswith(allowed), f"{path} imports {module}"


def test_what_pages_show_is_made_without_touching_the_world() -> None:
    """The views are pure, so that who may read what is a table of tests."""
    for path in _sources("services/console/views"):
        for module in _imports(path):
            assert module.split(".")[0] not in {*WORLDLY, "starlette"}, f"{path} imports {module}"


@pytest.mark.parametrize("name", PROCESSORS)
def test_a_service_imports_the_contracts_and_itself_alone(name: str) -> None:
    """Services never import one another, and touch neither Kafka nor files nor clocks; the runtime starts them."""
    for path in _sources(f"services/{name}"):
        allowed: tuple[str, ...] = ("services.contracts", f"services.{name}")
        allowed += ("services.runtime.run",) if path.name == "__main__.py" else ()
        for module in _imports(path):
            assert not module.startswith("services.") or module.startswith(allowed), f"{path} imports {module}"
            assert module.split(".")[0] not in WORLDLY, f"{path} imports {module}"


def test_the_contracts_are_pure() -> None:
    """Contracts import no other part of the project and nothing that touches the world."""
    for path in _sources("services/contracts"):
        for module in _imports(path):
            assert not module.startswith("services.") or module.startswith("services.contracts"), f"{path}: {module}"
            assert module.split(".")[0] not in WORLDLY, f"{path} imports {module}"


def test_the_record_rests_on_the_contracts_and_settings_alone() -> None:
    """It is shared by services that are no processors, as contracts and runtime are, and knows none of them."""
    allowed = ("services.contracts", "services.archive", "services.runtime.variables")
    for path in _sources("services/archive"):
        for module in _imports(path):
            assert not module.startswith("services.") or module.startswith(allowed), f"{path} imports {module}"


def test_only_the_shell_touches_kafka() -> None:
    """Nothing but runtime, cluster, command line, client and who is no processor imports the Kafka client."""
    for path in _sources("services"):
        part = path.relative_to(ROOT / "services").parts[0].removesuffix(".py")
        assert part in TOUCHES_THE_WORLD or not any(one.startswith("aiokafka") for one in _imports(path)), path


def test_files_and_functions_are_small() -> None:
    """No file is above 300 lines and no function of the product above 40."""
    for path in _sources("services", "loadtest", "tests"):
        text = path.read_text()
        assert text.count("\n") <= LINES_MAX, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                assert node.end_lineno - node.lineno < FUNCTION_LINES_MAX, f"{path}:{node.lineno} {node.name}"


@pytest.mark.parametrize("page", ["README.md", ".github/METRICS.md"])
def test_pages_show_the_pipeline_and_the_catalogue_as_they_are(page: str) -> None:
    """README's diagram and tables, and those of the metrics, are drawn from the code."""
    text = (ROOT / page).read_text()
    assert "<!-- drawn: " in text
    assert redraw(text) == text


def test_manifests_are_those_that_are_drawn() -> None:
    """What follows from the pipeline, its permissions and the alerts: `python -m services.manifests k8s` draws it."""
    for name, text in manifests(ROOT / "k8s").items():
        path = ROOT / "k8s" / name
        assert path.exists(), f"{name}: run python -m services.manifests k8s"
        assert path.read_text() == text, f"{name}: run python -m services.manifests k8s"


def test_every_topic_has_one_writer_and_every_inside_topic_a_reader() -> None:
    """What a processor says that it writes is what the topic says who writes it."""
    for topic in TOPICS:
        writers = tuple(processor.name for processor in PIPELINE if topic in processor.writes)
        assert writers == (() if topic.from_world else topic.writers), topic.name
        assert topic.public or any(topic in (*processor.reads, *processor.broadcasts) for processor in PIPELINE), (
            topic.name
        )


def test_what_is_read_first_or_in_the_background_is_read() -> None:
    """Both name topics that are among `reads`, and only the exactly-once engine knows them."""
    for processor in PIPELINE:
        assert {*processor.first, *processor.background} <= set(processor.reads)
        assert not (processor.first or processor.background) or processor.engine is Engine.EXACTLY_ONCE


def test_the_top_level_holds_what_it_may() -> None:
    """Nothing lies at the top of the repository but what was agreed and what tools demand."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = {name.split("/")[0] for name in listed.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL
