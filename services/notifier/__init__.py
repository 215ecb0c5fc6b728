"""The notifier: what people are told, and what is decided, delivered to those who asked for it.

Reads notices.issued and verdicts.decided; writes no topic. Keeps each delivery in the readable record's database, with
what came of it.
Promises: whatever was said while a receiver was configured is delivered to it at least once, always under one id, or
given up after days and visible as such; nobody's receiver delays another's, whatever it does; nothing is sent to an
address in our own network unless the settings say so.

    topics ─► matching ─► deliveries (SQL) ─► offsets committed
                              │
                              └─► a lane for each receiver ─► webhook, or mail ─► what came of it (SQL)
"""
