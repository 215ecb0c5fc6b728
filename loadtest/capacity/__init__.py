"""The cost model: how many cores, partitions and brokers a platform needs, from what was measured."""
