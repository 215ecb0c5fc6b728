"""Keys are made once, kept for their owner, and sign what checks by contracts/signing.py."""

import base64
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.client.errors import ClientError
from services.client.keys import generate_keys, read_public_key, read_signing_key
from services.contracts.signing import key_id_of, signed_message
from tests.cli.conftest import Staydown


def test_a_pair_is_made_and_its_id_told(staydown: Staydown, tmp_path: Path) -> None:
    """The private key is for its owner alone, the public one is what an enrolment takes."""
    file = tmp_path / "label.key"
    outcome = staydown("keys", "generate", file)
    raw = base64.b64decode((tmp_path / "label.key.pub").read_text())
    assert (outcome.code, outcome.err, len(raw)) == (0, "", 32)
    assert f"key id       {key_id_of(raw)}" in outcome.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_signing_key(file).public_key == raw
    assert read_public_key(tmp_path / "label.key.pub") == base64.b64encode(raw).decode()


@pytest.mark.parametrize("there", ["label.key", "label.key.pub"])
def test_no_key_is_overwritten(staydown: Staydown, tmp_path: Path, there: str) -> None:
    """Neither the private nor the public one; and half of a pair is left nowhere."""
    (tmp_path / there).write_text("mine")
    outcome = staydown("keys", "generate", tmp_path / "label.key")
    assert (outcome.code, outcome.out) == (1, "")
    assert "is there already, and no key is overwritten" in outcome.err
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(there, "mine")]


def test_a_signature_is_over_what_the_contract_says(tmp_path: Path) -> None:
    """Topic, key, ce_id, ce_time and value: what was sent for one of them is worth nothing for another."""
    key = generate_keys(tmp_path / "k", tmp_path / "k.pub")
    said = dict(key.sign("works.submitted.v1", b"a", [("ce_id", b"7"), ("ce_time", b"now")], b"{}"))
    public_key = Ed25519PublicKey.from_public_bytes(key.public_key)
    message = signed_message("works.submitted.v1", b"a", "7", "now", b"{}")
    public_key.verify(base64.b64decode(said["staydown-signature"]), message)
    assert said["staydown-key-id"] == key_id_of(key.public_key).encode()


def test_what_is_no_private_key_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """A missing file, a public key, and a key of another kind."""
    generate_keys(tmp_path / "k", tmp_path / "k.pub")
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "other").write_bytes(other)
    for name, sentence in (("none", "cannot be read"), ("k.pub", "holds no private key"), ("other", "none of Ed25519")):
        with pytest.raises(ClientError, match=sentence):
            read_signing_key(tmp_path / name)
