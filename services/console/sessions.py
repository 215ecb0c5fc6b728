"""Who is signed in, kept in a signed cookie: an id, roles, whose works, and until when. No names, no addresses."""

import time
from collections.abc import Mapping
from typing import Any

from services.console.people import ANYBODY_HERE, NOBODY, Role, Viewer
from services.console.settings import ConsoleSettings
from services.console.site import Site

# A working day. A role that the provider takes away ends with the session.
SESSION_SECONDS_MAX = 8 * 3600
_KEPT = "viewer"


def viewer_of(session: Mapping[str, Any], site: Site) -> Viewer:
    """Return who asks."""
    kept = session.get(_KEPT)
    if kept and kept["until"] > time.time():
        return Viewer(kept["subject"], frozenset(map(Role, kept["roles"])), kept["rightsholder_id"])
    return ANYBODY_HERE if site.settings.is_local else NOBODY


def sign_in(session: dict[str, Any], viewer: Viewer) -> None:
    """Begin a session of somebody's; nothing of what was there before stays, its CSRF token neither."""
    session.clear()
    session[_KEPT] = {
        "subject": viewer.subject,
        "roles": sorted(viewer.roles),
        "rightsholder_id": viewer.rightsholder_id,
        "until": int(time.time()) + SESSION_SECONDS_MAX,
    }


def from_claims(claims: Mapping[str, Any], settings: ConsoleSettings) -> Viewer:
    """Return who a provider says has signed in; a claim may be one value or a list of them."""
    said = claims.get(settings.roles_claim)
    values = said if isinstance(said, list) else [said]
    roles = frozenset(role for value, role in settings.roles if value in values)
    rightsholder_id = claims.get(settings.rightsholder_claim)
    return Viewer(str(claims["sub"]), roles, rightsholder_id if isinstance(rightsholder_id, str) else "")
