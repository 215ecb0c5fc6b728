"""The secrets of a cluster in containers: `python -m services.cluster.secrets DIRECTORY`.

Promises: what is there is never changed, and what is not is drawn at random. Each folder below the directory is what
one sort of reader may see, so that it can be a volume of theirs. Whoever is given a folder may read it: the files have
no other lock, since the readers run as users of their own.
"""

import json
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

# Names, not secrets: who writes uploads into the store, and who reads them.
WRITER = "platform"
READER = "hasher"
BUCKET = "uploads"
READABLE = 0o444


def make_secrets(folder: Path) -> None:
    """Make each file that is not there."""
    for name, draw in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write(path, draw(folder))


def _write(path: Path, text: str) -> None:
    """Write the whole file or none: who was interrupted begins anew."""
    beside = path.with_name(f".{path.name}")
    beside.write_text(text, encoding="utf-8")
    beside.chmod(READABLE)
    beside.replace(path)


def _token(_folder: Path) -> str:
    return f"{secrets.token_urlsafe(32)}\n"


def _keys(user: str) -> Callable[[Path], str]:
    return lambda _folder: f"AWS_ACCESS_KEY_ID={user}\nAWS_SECRET_ACCESS_KEY={secrets.token_urlsafe(32)}\n"


def _identities(folder: Path) -> str:
    """Return the store's own file: who writes may do everything in the bucket, who reads may read it."""
    allowed = {WRITER: ("Read", "Write", "List", "Tagging"), READER: ("Read", "List")}
    identities = []
    for user, actions in allowed.items():
        key, secret = (line.partition("=")[2] for line in (folder / user / "keys").read_text().splitlines())
        credentials = [{"accessKey": key, "secretKey": secret}]
        named = [f"{action}:{BUCKET}" for action in actions]
        identities.append({"name": user, "credentials": credentials, "actions": named})
    return json.dumps({"identities": identities})


FILES: Mapping[str, Callable[[Path], str]] = {
    "archive/password": _token,
    "console/token": _token,
    "console/sessions": _token,
    "grafana/password": _token,
    f"{WRITER}/keys": _keys(WRITER),
    f"{READER}/keys": _keys(READER),
    "store/s3.json": _identities,
}
"""Whose folder, which file, and what is in it; the store's comes last, since it repeats the others' keys."""

if __name__ == "__main__":
    make_secrets(Path(sys.argv[1]))
