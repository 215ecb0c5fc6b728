"""What the tests of the engine share: names that no other test uses, since topics and groups outlive a test."""

import uuid

import pytest


@pytest.fixture
def prefix() -> str:
    """Return a new name for a sample processor."""
    return f"sample-{uuid.uuid4().hex[:8]}"
