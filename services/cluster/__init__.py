"""The whole cluster on one machine, for a person who wants to see it work and for the tests.

A real Apache Kafka on loopback, got and checked without anything but Python (`jars`, `java`, `kafka`); every service a
process that is started again when it died (`supervision`); and the command that holds both together (`up`).
"""
