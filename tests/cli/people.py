"""What the people of a test do, each by the command that they would type, and what holds afterwards."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # which imports this
    from tests.cli.conftest import Cluster, Staydown

LOOKS_MAX = 200
"""A look takes as long as its command; what has not come by then does not come."""


@dataclass(frozen=True, slots=True)
class People:
    """Who act on one cluster, under ids that no other test has."""

    staydown: "Staydown"
    cluster: "Cluster"
    run_id: str

    def named(self, name: str) -> str:
        """Return an id of this test's own."""
        return f"{name}-{self.run_id}"

    def file(self, name: str) -> Path:
        """Return a file that no other test has."""
        file = self.cluster.media / f"{self.named(name)}.wav"
        file.write_text(f"a song called {self.named(name)}")
        return file

    def did(self, *command: object) -> str:
        """Run a command that must go well, and return what it printed."""
        return self._ended(0, *command)

    def refused(self, *command: object) -> str:
        """Run a command that must be refused by the cluster, and return what it printed."""
        return self._ended(1, *command)

    def _ended(self, code: int, *command: object) -> str:
        outcome = self.staydown(*command, "--state", self.cluster.state)
        assert (outcome.code, outcome.err) == (code, ""), (command, outcome)
        return outcome.out

    def enroll(self, name: str, *more: object) -> str:
        """Let a rightsholder in, and return their id."""
        self.did("rightsholders", "enroll", self.named(name), "--name", name, *more)
        return self.named(name)

    def registration(self, label: str, work: str, *files: Path) -> tuple[object, ...]:
        """Return the command that registers a work with all that it needs."""
        whose = ("--rightsholder", label, "--work", work, "--title", work)
        papers = ("--document", self.cluster.paper, "--attest", "A. Person")
        return ("works", "register", *files, *whose, *papers)

    def posted(self, name: str, file: Path, uploader: str, *more: object) -> str:
        """Post a file, wait for its verdict, and return the upload's id."""
        posting = ("--upload", self.named(name), "--uploader", self.named(uploader), "--wait")
        self.did("uploads", "submit", file, *posting, *more)
        return self.named(name)

    def now(self, upload: str) -> str:
        """Return the present verdict with its reasons, or why there is none."""
        outcome = self.staydown("verdicts", "show", upload, "--json", "--state", self.cluster.state)
        if outcome.code:
            return outcome.err
        said = json.loads(outcome.out)
        return f"{said['verdict']} [{', '.join(said['reasons'])}]"

    def comes_to(self, upload: str, expected: str) -> None:
        """Look at an upload until the verdict on it is what is expected."""
        found = ""
        for _ in range(LOOKS_MAX):
            found = self.now(upload)
            if found == expected:
                return
        raise AssertionError(f"The verdict on {upload} is {found}, and should be {expected}.")

    def decision(self, upload: str) -> str:
        """Return the id of the decision that a reviewer sees."""
        held = map(json.loads, self.did("reviews", "list", "--json").splitlines())
        (decision,) = (each["decision_id"] for each in held if each.get("upload_id") == upload)
        return str(decision)
