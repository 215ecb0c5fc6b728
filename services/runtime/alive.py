"""Ask the page of the service in this container: `python -m services.runtime.alive [ready]`, its health check.

Exit codes: 0 if the answer is 200; otherwise 1, with the reason. It loads nothing of the service, since it is run every
few seconds.
"""

import os
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

# Below the timeout of the image's health check, so that the reason is told.
SECONDS_MAX = 3.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  # nothing is bound here


def ask(page: str, address: str) -> str:
    """Return why the page does not say that all is well; empty if it does."""
    host, _, port = address.rpartition(":")
    connection = HTTPConnection(f"{ANYWHERE.get(host, host)}:{port}", timeout=SECONDS_MAX)
    try:
        connection.request("GET", f"/{page}")
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace").strip()
    except (OSError, HTTPException) as error:
        return f"{address} does not answer: {error}"
    finally:
        connection.close()
    return "" if answer.status == HTTPStatus.OK else text


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1] if len(sys.argv) > 1 else "live", os.environ["STAYDOWN_HTTP"]) or 0)
