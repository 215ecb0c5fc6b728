"""Schemas of the kinds that operators bring, strict: what they do not know is refused. Their origin is in README.md."""
