from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from services.notifier.signing import signed
from tests.notifier.facts import OTHER_SECRET, SECRET, whsec

BODY = '{"type":"notice.issued","data":{"subject":"Ünïcode ☃"}}'


@pytest.mark.parametrize("secrets", [(SECRET,), (SECRET, OTHER_SECRET), (OTHER_SECRET, SECRET)])
def test_a_receiver_verifies_it_by_any_of_the_secrets(secrets: tuple[bytes, ...]) -> None:
    """While a secret is rotated, whoever has the old one or the new one can verify."""
    headers = dict(signed("d-1", BODY, secrets, datetime.now(UTC)))
    Webhook(whsec(SECRET)).verify(BODY, headers)


@pytest.mark.parametrize(
    ("name", "value"), [("webhook-id", "d-2"), ("webhook-timestamp", "1800000000"), ("webhook-signature", "v1,AAAA")]
)
def test_what_was_changed_on_the_way_is_not_verified(name: str, value: str) -> None:
    """Id, time and body are signed together."""
    headers = dict(signed("d-1", BODY, (SECRET,), datetime.now(UTC)))
    with pytest.raises(WebhookVerificationError):
        Webhook(whsec()).verify(BODY, {**headers, name: value})
    with pytest.raises(WebhookVerificationError):
        Webhook(whsec()).verify(f"{BODY} ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(whsec(OTHER_SECRET)).verify(BODY, headers)
