"""The readable record under load: how fast facts come into it, and how fast pages come out of it."""
