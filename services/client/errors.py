"""What can go wrong for a client, as one sentence that its reader can act on."""


class ClientError(Exception):
    """The cluster cannot be reached, or did not take or give what was asked; the message is one sentence."""


class UnansweredError(ClientError):
    """No answer came within the time given."""
