"""The shortest work: read a file at once, hash it by one-shot calls, look its digest up, say the verdict.

The same libraries and the same answers as Staydown's, by the shortest way there is. Left out is all that makes the
hasher safe on strangers' files: no allow-list of folders, no check for links, devices or a file that changes while it
is read, no budget of time or bytes, and memory for the whole file.
"""

import io
from datetime import UTC, datetime
from urllib.parse import unquote

import msgspec
import xxhash
from blake3 import blake3
from pyfastcdc import FastCDC

from loadtest.peers.task import Stage, Task
from services.contracts.codec import encode
from services.contracts.decided import VerdictDecided, WorkRef
from services.contracts.inside import UploadRead
from services.contracts.reading import Found
from services.contracts.sample import SHARED_MIN, Place, sample_of
from services.contracts.submitted import UploadSubmitted
from services.contracts.types import Content
from services.runtime.scanning import CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, UNSAMPLED_BYTES_MAX

Verdict, Reason, Scan = VerdictDecided.Verdict, VerdictDecided.Reason, VerdictDecided.Scan


class Work:
    """Answers uploads, one by one and without a memory."""

    def __init__(self, task: Task) -> None:
        self._listings = task.listings
        self._rightsholder_id = task.rightsholder_id
        self._is_whole = task.stage is Stage.PIPELINE
        self._decoder = msgspec.json.Decoder(UploadSubmitted)

    def answer_record(self, value: bytes, offset: int) -> bytes:
        """Return the encoded answer to a record of uploads.submitted."""
        upload = self._decoder.decode(value)
        return encode(self.answer(upload.upload_id, upload.uri, offset))

    def answer(self, upload_id: str, uri: str, offset: int) -> VerdictDecided | UploadRead:
        """Return the verdict on an upload, or what reading it found."""
        found = identify(unquote(uri.removeprefix("file://")))
        if not self._is_whole:
            return UploadRead(upload_id, offset, 0, content=found.content, sample=found.sample)
        return self._verdict(upload_id, offset, found.content)

    def _verdict(self, upload_id: str, offset: int, content: Content) -> VerdictDecided:
        work_ids = self._listings.get(content.blake3, ())
        return VerdictDecided(
            upload_id=upload_id,
            verdict=Verdict.BLOCKED if work_ids else Verdict.CLEAR,
            decision_id=upload_id,
            revision=1,
            submission=offset,
            content=content,
            complete=True,
            scans=(Scan.BYTES,),
            reasons=(Reason.IDENTICAL if work_ids else Reason.NO_MATCH,),
            works=tuple(WorkRef(self._rightsholder_id, work_id) for work_id in work_ids),
            work_ids=work_ids,
            blocked_territories=(),
            evidence=(),
            explanation="The same bytes are listed." if work_ids else "Nothing that is listed has these bytes.",
            decided_at=datetime.now(UTC),
        )


def identify(path: str) -> Found:
    """Return what the hasher finds in a file: both digests, and the sample of its chunks if it has enough of them."""
    with io.FileIO(path) as file:
        data = file.readall()
    places: dict[int, Place] = {}
    at = 0
    for chunk in FastCDC(CHUNK_BYTES_MIN, min_size=CHUNK_BYTES_MIN, max_size=CHUNK_BYTES_MAX).cut_buf(data):
        digest = xxhash.xxh3_64_intdigest(memoryview(data)[at : at + chunk.length])
        places.setdefault(digest, Place(at, chunk.length))
        at += chunk.length
    content = Content(xxhash.xxh3_128_hexdigest(data), blake3(data).hexdigest(), len(data))
    is_sampled = len(data) > UNSAMPLED_BYTES_MAX and len(places) >= SHARED_MIN
    return Found(content, sample_of(places) if is_sampled else None)
