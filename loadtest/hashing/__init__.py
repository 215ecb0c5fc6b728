"""The hashing stage alone: the real hasher on a real Kafka, against what the same libraries take in one process.

`files` are read again and again from the page cache; `service` has the hasher read them, `limit` reads them here;
both count CPU time, since wall time on a shared machine is everybody's. `report` shows one beside the other.
"""
