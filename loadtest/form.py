"""Uploads as bytes: the contract's own encoding of one, with places for what differs from upload to upload.

Encoding each by the codec would cost the generator more than sending it.
"""

from services.contracts.codec import encode
from services.contracts.submitted import UploadSubmitted

MEDIA_TYPE = "application/octet-stream"
UPLOADER = "uploader-of-"
_ID = "place-of-the-upload-id"
_URI = "place-of-the-uri"
# What JSON would write otherwise than it stands.
_ESCAPED = frozenset(b'"\\' + bytes(range(32)))


class UploadForm:
    """The record of an upload, but for its id and its address; its uploader is named after it.

    So nobody has uploaded so much of what is listed that the rest is held for how they stand.
    """

    def __init__(self) -> None:
        text = encode(UploadSubmitted(_ID, f"{UPLOADER}{_ID}", _URI, media_type=MEDIA_TYPE))
        self._head, self._between, rest = text.split(_ID.encode())
        self._middle, self._tail = rest.split(_URI.encode())

    def fill(self, upload_id: bytes, uri: bytes) -> bytes:
        """Return the value of a record; both go in as they stand, so `plain` must hold for them."""
        return b"".join((self._head, upload_id, self._between, upload_id, self._middle, uri, self._tail))


def plain(text: str) -> bytes:
    """Return a text's bytes if JSON writes them as they stand, or raise ValueError."""
    data = text.encode("ascii")
    if not _ESCAPED.isdisjoint(data):
        raise ValueError(f"{text!r} cannot be written into a form")
    return data
