"""What can go wrong with the cluster on one machine, as one sentence that its reader can act on."""


class ClusterError(Exception):
    """The cluster cannot be started, or not go on; the message is one sentence for the person at the terminal."""
