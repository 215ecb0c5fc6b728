"""Changelogs as earlier versions wrote them: every later one must go on from there."""
