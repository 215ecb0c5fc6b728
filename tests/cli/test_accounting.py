"""Who may speak, what it comes to, and what the platform tells of it, by the commands that its people type."""

import json
import re
from pathlib import Path

import pytest

from services.contracts.submitted import UploadSubmitted
from tests.cli.letters import dead_letter
from tests.cli.people import LOOKS_MAX, People
from tests.cli.topics import Topics

pytestmark = pytest.mark.kafka
WATCHED_FROM = 3
"""Strikes, by default."""


def test_who_is_enrolled_with_a_key_must_sign(people: People, tmp_path: Path) -> None:
    """What is not signed, or by another key, is refused; suspended, nothing is accepted until they are restored."""
    mine, other, song = tmp_path / "mine", tmp_path / "other", people.file("song")
    for file in (mine, other):
        assert people.staydown("keys", "generate", file).out.startswith("key id       ")
    assert people.staydown("keys", "generate", mine).code == 1
    label = people.enroll("label", "--public-key", tmp_path / "mine.pub")
    registration = people.registration(label, "song", song)
    assert "BAD_SIGNATURE at staydown-signature: " in people.refused(*registration)
    assert "BAD_SIGNATURE at staydown-key-id: " in people.refused(*registration, "--key", other)
    assert "ACCEPTED " in people.did(*registration, "--key", mine)
    release = ("works", "release", label, "song", "--key", mine)
    people.did("rightsholders", "suspend", label, "--reason", "forged papers")
    assert "SUSPENDED at rightsholder_id: " in people.refused(*release)
    people.did("rightsholders", "restore", label)
    assert "RELEASED " in people.did(*release)


def test_strikes_come_to_a_standing_that_ends_with_the_takedowns(people: People, tmp_path: Path) -> None:
    """Each takedown is told, to whom it concerns and to the world; none of it counts once the label withdraws."""
    label, song = people.enroll("label"), people.file("song")
    people.did(*people.registration(label, "song", song))
    uploads = [people.posted(f"u{number}", song, "bob") for number in range(WATCHED_FROM)]
    bob = people.named("bob")
    assert any(_standing(people, bob) == ("WATCHED", WATCHED_FROM) for _ in range(LOOKS_MAX))
    assert re.search(
        rf"^UPLOADER +{bob} +WATCHED +{WATCHED_FROM} +\d{{4}}-", people.did("strikes", "list"), re.MULTILINE
    )
    watch = ("watch", "--from-beginning", "--limit", WATCHED_FROM)
    taken = people.did("takedowns", *watch, "--uploader", bob).splitlines()
    assert sorted(line.split()[3] for line in taken) == sorted(uploads)
    assert all(" ISSUED " in line and f"for song of {label}: The file of upload" in line for line in taken)
    notices = people.did("notices", *watch[:-1], WATCHED_FROM + 1, "--recipient", bob)
    assert f"to UPLOADER {bob}: Upload {uploads[0]} was taken down (answer until " in notices
    file = tmp_path / "statements.jsonl"
    assert f" statements of reasons in {file}" in people.did("report", "statements", "--json", file)
    facts = [json.loads(line)["decision_facts"] for line in file.read_text().splitlines()]
    assert sum(any(upload in fact for upload in uploads) for fact in facts) == WATCHED_FROM
    people.did("works", "release", label, "song")
    assert any(_standing(people, bob) is None for _ in range(LOOKS_MAX))


def _standing(people: People, subject: str) -> tuple[str, int] | None:
    """Return how somebody stands, and for how many strikes, unless ordinarily."""
    found = [json.loads(line) for line in people.did("strikes", "list", "--json").splitlines()]
    return next(((each["standing"], each["strikes"]) for each in found if each["subject"]["id"] == subject), None)


def test_a_dead_letter_is_shown_and_replayed_once_it_can_be_read(people: People) -> None:
    """What no version can read stays; what this one can read goes to the services, and is decided."""
    upload, song = people.named("u"), people.file("song")
    fact = UploadSubmitted(upload, people.named("bob"), song.as_uri())
    dead, partition, offset = dead_letter(Topics(people.cluster.bootstrap), upload, fact)
    shown = ""
    for _ in range(LOOKS_MAX):
        shown = people.did("dlq", "show", dead)
        if "value: {\n" in shown:
            break
    assert "staydown-reason: not JSON" in shown
    garbage, readable = shown.index("value: {\n"), shown.index(f'value: {{"upload_id":"{upload}"')
    assert garbage != readable
    assert any(line.startswith(dead) and " 0 " not in line for line in people.did("dlq", "list").splitlines())
    assert f"key {upload}" in people.did("dlq", "replay", dead, partition, offset)
    people.comes_to(upload, "CLEAR [NO_MATCH]")
