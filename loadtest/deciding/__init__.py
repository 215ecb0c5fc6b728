"""What deciding costs: the CPU of each service for a record of each kind, without Kafka.

`python -m loadtest.deciding` plays a story (`story.py`) through every exactly-once service, each as the engine runs it
(`plant.py`): records in and out as bytes, state in memory, or with `--disk` on disk. Sending, fetching and transactions
are not in the figures; `python -m loadtest cost` measures all of it.
"""
