"""How long a unit rests after a transaction, so that what comes meanwhile shares the next. Pure.

A transaction costs 2 ms of CPU whatever it holds, and two cores with broker manage some 450 a second. A record that
comes when the rest is over is decided at once.
"""

REST_SECONDS_MIN = 0.025
# Twice as long, and with G1 in the broker, verdicts came in 820 ms instead of 470 at 4,000 uploads a second.
REST_SECONDS_MAX = 0.05
REST_SECONDS_A_RECORD = 0.0004


def rest_seconds(taken: float, records: int, least_ms: int, *, in_front: bool = False) -> float:
    """Return how long to rest after a transaction that took so many seconds and held so many records.

    As long as it took, which halves the load when the machine or the brokers are slow, within these bounds. `least_ms`:
    what the processor asks for at least, of which nobody waits for an answer. `in_front`: others wait here who may have
    a background behind them, and pass this processor twice: they are served as soon as that may be, even if there is no
    background just then.
    """
    if in_front:
        return max(REST_SECONDS_MIN, least_ms / 1000)
    usual = min(max(taken, records * REST_SECONDS_A_RECORD, REST_SECONDS_MIN), REST_SECONDS_MAX)
    return max(usual, least_ms / 1000)
