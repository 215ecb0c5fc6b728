"""The OpenID Connect provider with which people sign in in a cluster.

Promises: it is asked for a bounded time; whatever it answers, or does not, becomes a page and no error of ours; nothing
of its answer is logged but what kind of error it made; of sign-ins that were given up a browser keeps the last alone.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx2
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from joserfc.errors import JoseError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.console.settings import ConsoleSettings

# Coming back asks it twice, for a token and for its keys; who signs in waits meanwhile.
ASK_SECONDS_MAX = 10.0
REFUSALS = (AuthlibBaseError, JoseError)
# Its pages may be no JSON, of another shape, or lack what Authlib then looks for in vain.
MISSHAPEN = (RuntimeError, ValueError, LookupError, TypeError, AttributeError)
FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, *MISSHAPEN)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Provider:
    """One that is asked; `seconds_max`: how long at the most."""

    client: StarletteOAuth2App
    seconds_max: float = ASK_SECONDS_MAX

    async def lead_to(self, request: Request, back: str) -> Response:
        """Return the answer that leads there, and from there to `back`."""
        async with _asked(self.seconds_max):
            found: Response = await self.client.authorize_redirect(request, back)
        return found

    async def claims(self, request: Request) -> Mapping[str, Any]:
        """Return what it says about who has come back from it."""
        async with _asked(self.seconds_max):
            told = await self.client.authorize_access_token(request)
            claims: Mapping[str, Any] = told["userinfo"]
        return claims


def provider_of(settings: ConsoleSettings) -> Provider | None:
    """Return the provider, if there is one; what it says about itself is fetched when it is first needed."""
    if settings.is_local:
        return None
    oauth = OAuth()
    oauth.register(
        "provider",
        server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
        client_id=settings.client_id,
        client_secret=settings.client_secret or None,
        client_kwargs={"scope": "openid", "code_challenge_method": "S256"},
    )
    return Provider(oauth.create_client("provider"))


@asynccontextmanager
async def _asked(seconds_max: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds_max):
            yield
    except REFUSALS as error:
        log.warning("sign_in_refused", kind=type(error).__name__)
        raise HTTPException(HTTPStatus.FORBIDDEN, "The provider did not sign you in; try again.") from None
    except FAILURES as error:
        log.warning("provider_failed", kind=type(error).__name__)
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "The provider cannot be asked now.") from None
