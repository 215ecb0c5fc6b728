"""How processors are run: besides `cluster`, `cli` and `client` the only place that touches Kafka, files and clocks."""
