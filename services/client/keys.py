"""A rightsholder's Ed25519 keys: making them, keeping them in files, and signing with them.

The private key is a PEM file (PKCS 8, not encrypted) that only its owner may read; the public key is a file with the
base64 of its raw 32 bytes, as an enrolment takes it. Promises: no file is ever overwritten.
"""

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from services.client.errors import ClientError
from services.client.headers import Headers
from services.contracts.signing import CE_ID, CE_TIME, KEY_ID, SIGNATURE, key_id_of, signed_message

PUBLIC_KEY_BYTES = 32
OWNER_ALONE = 0o600
EVERYBODY = 0o644


class SigningKey:
    """Signs what a rightsholder submits."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Use a private key."""
        self._key = key

    @property
    def public_key(self) -> bytes:
        """The public key's raw 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        """The name by which the key is known."""
        return key_id_of(self.public_key)

    def sign(self, topic: str, key: bytes, headers: Headers, value: bytes) -> list[tuple[str, bytes]]:
        """Return the headers that sign a record; the ce_id and ce_time that it is sent with are signed too."""
        said = {name: (text or b"").decode() for name, text in headers}
        signature = self._key.sign(signed_message(topic, key, said[CE_ID], said[CE_TIME], value))
        return [(KEY_ID, self.key_id.encode()), (SIGNATURE, base64.b64encode(signature))]


def generate_keys(private_file: Path, public_file: Path) -> SigningKey:
    """Make a new pair of keys and write both files, or raise ClientError and leave none of the two."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_new(private_file, pem, OWNER_ALONE)
    try:
        _write_new(public_file, base64.b64encode(key.public_key().public_bytes_raw()) + b"\n", EVERYBODY)
    except ClientError:
        private_file.unlink()
        raise
    return SigningKey(key)


def read_signing_key(file: Path) -> SigningKey:
    """Return the private key in a file, or raise ClientError."""
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        raise ClientError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ClientError(f"{file} holds no private key as `staydown keys generate` writes it.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ClientError(f"{file} holds a private key that is none of Ed25519.")
    return SigningKey(key)


def read_public_key(file: Path) -> str:
    """Return the base64 of the public key in a file, or raise ClientError."""
    try:
        text = file.read_text(encoding="ascii").strip()
        raw = base64.b64decode(text, validate=True)
    except OSError as error:
        raise ClientError(f"{file} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, binascii.Error):
        raise ClientError(f"{file} holds no public key as `staydown keys generate` writes it.") from None
    if len(raw) != PUBLIC_KEY_BYTES:
        raise ClientError(f"{file} holds a key of {len(raw)} bytes; an Ed25519 public key has {PUBLIC_KEY_BYTES}.")
    return text


def _write_new(file: Path, content: bytes, mode: int) -> None:
    """Write a file that must not be there yet; its mode is right before anything is in it."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(content)
    except FileExistsError:
        raise ClientError(f"{file} is there already, and no key is overwritten: name another file.") from None
    except OSError as error:
        raise ClientError(f"{file} cannot be written: {error.strerror}.") from None
