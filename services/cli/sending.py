"""Telling where something that was sent stands."""

from services.cli.terminal import say, shown
from services.client.submitting import Sent


def say_sent(sent: Sent, **ids: str) -> None:
    """Print the ids that were sent, and the place of the record."""
    named = ", ".join(f"{name} {shown(value)}" for name, value in ids.items())
    say(f"sent       {named} → {sent.topic}, partition {sent.partition}, offset {sent.offset}")
