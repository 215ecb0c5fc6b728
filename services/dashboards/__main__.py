"""`python -m services.dashboards FOLDER`."""

import sys
from pathlib import Path

from services.dashboards.drawing import drawn

for folder in map(Path, sys.argv[1:]):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in drawn().items():
        (folder / name).write_text(text, encoding="utf-8")
