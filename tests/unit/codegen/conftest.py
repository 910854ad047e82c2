"""The plans made by hand lie beside their snapshots."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "snapshots"))
