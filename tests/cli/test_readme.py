"""README's examples for programs: the Python one runs, and what the others send is what the contract says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.contracts.codec import decode_record
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import UPLOADS_SUBMITTED
from tests.cli.conftest import Cluster

README = (Path(__file__).parents[2] / "README.md").read_text()
RUN_SECONDS_MAX = 120


@pytest.mark.kafka
def test_the_python_example_does_what_it_says(cluster: Cluster, run_id: str, tmp_path: Path) -> None:
    """With a song that is registered and a copy of it that is refused."""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    media = cluster.media / run_id
    media.mkdir()
    for name in ("song.wav", "copy.wav"):
        (media / name).write_text(f"a song called {run_id}")
    for said, here in (
        ("localhost:9092", cluster.bootstrap),
        ("/srv/media", str(media)),
        ("contract.pdf", str(cluster.paper)),
        ('"label"', f'"label-{run_id}"'),
        ('"u-1"', f'"u-{run_id}"'),
    ):
        assert said in code
        code = code.replace(said, here)
    (tmp_path / "example.py").write_text(code)
    command = (sys.executable, "-W", "error", str(tmp_path / "example.py"))
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS_MAX, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    registered, refused = done.stdout.splitlines()
    assert registered == "ENFORCED 0 copies found"
    assert refused.startswith("BLOCKED “My Song”")


def test_what_kcat_and_java_send_is_an_upload() -> None:
    """Under the key that the contract names, and by the partitioner of the Java client."""
    (line,) = re.findall(r"^echo '(.*)' \|$", README, re.MULTILINE)
    key, _, value = line.partition(":")
    assert isinstance(decode_record(UPLOADS_SUBMITTED, key.encode(), value.encode())[1], UploadSubmitted)
    assert "-X topic.partitioner=murmur2_random" in README
    (java,) = re.findall(r'String upload = "(.*)";', README)
    (key,) = re.findall(r'ProducerRecord<>\("uploads\.submitted\.v1", "(.*?)", upload\)', README)
    value = java.replace('\\"', '"')
    assert isinstance(decode_record(UPLOADS_SUBMITTED, key.encode(), value.encode())[1], UploadSubmitted)
