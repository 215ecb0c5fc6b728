"""`python -m services.manifests k8s` draws the manifests that follow from the pipeline."""

import sys
from pathlib import Path

from services.manifests.drawing import draw

draw(Path(sys.argv[1]))
