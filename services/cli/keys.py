"""`staydown keys`: the keys by which a rightsholder signs."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from services.cli.terminal import say, shown
from services.client.keys import generate_keys

KEYS = App(name="keys", help="Make the keys by which a rightsholder signs.")


@KEYS.command
def generate(
    file: Annotated[Path, Parameter(help="File for the private key; the public one goes beside it, as FILE.pub.")],
) -> None:
    """Make a pair of Ed25519 keys; no file is overwritten.

    The platform enrols the rightsholder with the public key (`staydown rightsholders enroll … --public-key`); from then
    on only what is signed by the private key counts (`staydown works … --key`).
    """
    public_file = file.with_name(f"{file.name}.pub")
    key = generate_keys(file, public_file)
    say(f"key id       {key.key_id}")
    say(f"private key  {shown(str(file))}, for its owner alone")
    say(f"public key   {shown(str(public_file))}")
