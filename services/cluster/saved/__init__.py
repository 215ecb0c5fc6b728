"""All topics in files, and out of files onto an empty Kafka, so that a cluster goes on as if nothing had happened.

What makes it more than copying is that offsets mean something: verdicts name a submission by its offset, states
remember up to which offset they have heard, units and groups say where they stand. See `places`.
"""
