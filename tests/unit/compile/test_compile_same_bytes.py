import os
import shutil
import subprocess
import sys
from pathlib import Path

import otterdsl

ROOT = Path(otterdsl.__file__).parents[1]

PROGRAM = """
import sys
from pathlib import Path
from otterdsl.compiler.compile import compile_file, write
compilation = compile_file(Path(sys.argv[1]))
problems = write(compilation, Path("out"))
sys.exit(1 if compilation.has_errors or problems else 0)
"""

CLOCK = """
import time
time.time = lambda: 0.0
time.time_ns = lambda: 0
time.localtime = lambda *a: time.struct_time((1999, 1, 1, 0, 0, 0, 0, 1, 0))
"""


def test_fresh_processes_with_other_seeds_folders_and_clocks_write_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(CLOCK)
    written = set()
    for seed in range(5):
        folder = tmp_path / f"folder {seed}"
        shutil.copytree(ROOT / "examples" / "penguins", folder / "penguins", ignore=shutil.ignore_patterns("__pycache__", "out*", "work*"))
        environment = {
            **os.environ,
            "PYTHONHASHSEED": str(seed),
            "TZ": f"UTC{seed:+d}",
            "USER": f"user{seed}",
            "LC_ALL": "C" if seed % 2 else "C.UTF-8",
        }
        if seed % 2:
            environment["PYTHONPATH"] = str(tmp_path / "clock")
        # Named by a relative path from one folder and by an absolute one from the next.
        path = "penguins/penguins.otter" if seed % 2 else str(folder / "penguins" / "penguins.otter")
        done = subprocess.run([sys.executable, "-c", PROGRAM, path], cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        written.add(tuple(sorted((each.name, each.read_bytes()) for each in (folder / "out" / "penguins").iterdir())))
    assert len(written) == 1
    assert len(next(iter(written))) > 5
