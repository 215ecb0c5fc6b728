"""From a form to a fact: what is missing or too long in it is told in one sentence."""

from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException

from services.console.visiting import Visit
from services.contracts.codec import encode
from services.contracts.topics import Topic


def wrong(why: str) -> HTTPException:
    """Return the error for a form that cannot be taken."""
    return HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, why)


async def say(visit: Visit, topic: Topic, key: str, fact: object) -> None:
    """Say what a form decides, in the name of who signed in."""
    try:
        msgspec.json.decode(encode(fact), type=topic.fact)
    except msgspec.ValidationError as error:
        raise wrong(f"The form is not complete: {error}.") from None
    await visit.site.say(topic, key, fact, visit.viewer.subject)
