"""The plans made by hand lie beside their snapshots, the clock of other times with the tests of the whole program."""

import sys
from pathlib import Path

for folder in ("end_to_end", "snapshots"):
    sys.path.insert(0, str(Path(__file__).parents[2] / folder))
