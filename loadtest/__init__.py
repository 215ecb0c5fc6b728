"""Load tests: `python -m loadtest PROFILE`, against a cluster of its own or one that runs on this machine.

A profile is a file in `profiles/`; `running.py` runs it, once or several times, and reports. What all of them stand on:
the load is open loop (`schedule.py`), the truth about every upload is known (`truth.py`), and a run whose generator was
late is void (`schedule.py`). One generator offers and reads more than two cores can serve, since it sends and reads by
the batch (`sending.py`, `reading.py`): some 15 µs of CPU for an upload and its verdict.
"""
