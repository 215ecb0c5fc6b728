"""The command line on a secured Kafka, by the same settings as a service."""

from pathlib import Path

import orjson
import pytest

from services.cli import run
from services.cluster.permissions import permissions
from tests.wire.broker import ADMIN, RIGHTSHOLDER, SecuredKafka

PROTOCOL = "STAYDOWN_KAFKA_SECURITY_PROTOCOL"


def _set(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


@pytest.mark.kafka
def test_commands_show_who_they_are(
    secured: SecuredKafka, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The provisioner checks topics, and cannot create permissions; the administrator finds that all are there."""
    _set(monkeypatch, secured.named("provisioner"))
    assert run(["topics", "check"]) == 0
    assert run(["permissions", "create"]) == 1
    _set(monkeypatch, secured.named(ADMIN))
    assert run(["permissions", "create", "--rightsholder", RIGHTSHOLDER]) == 0
    assert "; 0 permissions are new" in capsys.readouterr().out


@pytest.mark.kafka
def test_a_command_without_the_right_ends_with_one_sentence(
    secured: SecuredKafka, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A topic that its principal may not see; a password that is wrong; a password that cannot be read."""
    password = tmp_path / "password"
    _set(monkeypatch, secured.named(RIGHTSHOLDER))
    assert run(["verdicts", "show", "u-1"]) == 1
    _set(monkeypatch, secured.named("auditor", SASL_PASSWORD_FILE=password))
    assert run(["verdicts", "show", "u-1"]) == 1
    password.write_text("wrong")
    assert run(["verdicts", "show", "u-1"]) == 1
    hidden, unread, wrong = capsys.readouterr().err.splitlines()
    assert "verdicts.decided.v1: be allowed to see it" in hidden
    assert "STAYDOWN_KAFKA_SASL_PASSWORD_FILE" in unread
    assert str(password) in unread
    assert "auditor" in wrong


def test_a_local_kafka_is_not_said_to_be_secured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Settings that `up` would pass over are refused instead, before anything is started."""
    monkeypatch.delenv("STAYDOWN_KAFKA", raising=False)
    monkeypatch.setenv(PROTOCOL, "SSL")
    assert run(["up", "--media-root", str(tmp_path), "--state", str(tmp_path / "state")]) == 1
    assert PROTOCOL in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_permissions_are_listed_for_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, or those of some; an unknown name is told."""
    assert run(["permissions", "list", "--json"]) == 0
    told = orjson.loads(capsys.readouterr().out)
    assert len(told) == sum(map(len, permissions().values()))
    assert run(["permissions", "list", "a-label", "--rightsholder", "a-label"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["a-label", "Write", "topic", "works.submitted.v1"]
    assert run(["permissions", "list", "nobody"]) == 1
    assert run(["permissions", "list", "--rightsholder", "registry"]) == 1
    assert capsys.readouterr().err.count("\n") == 2
