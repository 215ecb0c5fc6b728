import subprocess
import sys
import sysconfig
from importlib.resources import files
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from tests.contracts import schema

PROTO = Path(__file__).parents[2] / "proto"
BUF = Path(sysconfig.get_path("scripts")) / "buf"
OURS = "staydown/"


def test_the_committed_descriptor_set_is_what_the_proto_files_say(tmp_path: Path) -> None:
    """Compiled again by protoc, proto/ gives the committed set, which buf wrote, so the two cannot drift."""
    again = tmp_path / "again.binpb"
    names = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    well_known = files("grpc_tools") / "_proto"
    protoc = [sys.executable, "-W", "ignore", "-m", "grpc_tools.protoc", f"-I{PROTO}", f"-I{well_known}"]
    _run(*protoc, f"--descriptor_set_out={again}", *names)
    assert _files(schema.BINPB.read_bytes()) == _files(again.read_bytes())


def test_the_descriptor_set_needs_nothing_besides_itself() -> None:
    """Whoever loads the set needs no other file: what our files import is in it."""
    held = {file.name for file in schema.descriptor_set().file}
    assert {needed for file in schema.descriptor_set().file for needed in file.dependency} <= held


@pytest.mark.parametrize("arguments", [("lint",), ("format", "--diff", "--exit-code")], ids=["lint", "format"])
def test_buf_finds_nothing_to_say_about_the_proto_files(arguments: tuple[str, ...]) -> None:
    """Our proto files keep buf's standard rules, less the exceptions that buf.yaml gives a reason for."""
    _run(str(BUF), *arguments[:1], str(PROTO), *arguments[1:])


def test_every_message_is_needed_by_a_topic_or_an_export() -> None:
    """No message stands in the contract that no record on any topic holds, and that is exported nowhere."""
    held = {message.name for file in schema.descriptor_set().file for message in file.message_type if _is_ours(file)}
    reached: set[str] = set()
    waiting = [schema.descriptor(kind) for kind in schema.KINDS]
    while waiting:
        message = waiting.pop()
        if message.name not in reached:
            reached.add(message.name)
            waiting += [field.message_type for field in message.fields if field.message_type is not None]
    assert held == reached - {"Timestamp"}


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _files(binpb: bytes) -> dict[str, descriptor_pb2.FileDescriptorProto]:
    held = descriptor_pb2.FileDescriptorSet.FromString(binpb).file
    return {file.name: file for file in held if _is_ours(file)}


def _is_ours(file: descriptor_pb2.FileDescriptorProto) -> bool:
    return file.name.startswith(OURS)
