"""Staydown: takedown and staydown as one join, kept true for ever. Start reading at `services/pipeline.py`."""
