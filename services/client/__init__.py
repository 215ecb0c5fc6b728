"""What those outside use to talk to a cluster: submit facts, follow what is said, and find the answer to a question.

    async with Staydown("localhost:9092", key=Path("label.key")) as staydown:
        song = registration("A Song", ["song.wav"], documents=["contract.pdf"], signed_by="A. Person")
        receipt = await staydown.register("label", "song-1", song)

It knows the public topics and nothing of the inside. Promises: every wait is bounded by the caller's seconds; what can
go wrong is a `ClientError` whose message is one sentence for its reader.
"""

from services.client.bulk import Bulk, Common, Outcome
from services.client.errors import ClientError, RefusedError, UnansweredError, UnsendableError
from services.client.files import registration
from services.client.keys import SigningKey
from services.client.staydown import Staydown

__all__ = [
    "Bulk",
    "ClientError",
    "Common",
    "Outcome",
    "RefusedError",
    "SigningKey",
    "Staydown",
    "UnansweredError",
    "UnsendableError",
    "registration",
]
