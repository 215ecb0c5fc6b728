"""Load tests: `python -m loadtest PROFILE`, against a cluster of its own or one that runs on this machine.

A profile is a file in `profiles/`. What all of them stand on: the load is open loop (`schedule.py`), the truth about
every upload is known (`truth.py`), and a run whose generator was late is void (`schedule.py`).
"""
