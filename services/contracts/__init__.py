"""What services say to one another and to the world: facts, topics, the codec and the shape of a processor.

Everything here is pure: no I/O, no clock, no randomness.
"""
