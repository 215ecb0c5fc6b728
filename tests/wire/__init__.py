"""Tests of what goes over the wire between the project and Kafka: who may do what, TLS, SASL."""
