"""Build the VS Code extension: `python grammar/vscode/build.py OUTPUT.vsix`. Needs Node.js and `npm ci --prefix grammar/vscode`.

In: this folder, the TextMate grammar and the license beside it. Out: a file that `code --install-extension` takes. It is put together in a folder of
its own, so that nothing is left behind here. What is absent: the version, which is `package.json`'s.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

HERE = Path(__file__).resolve().parent
GRAMMAR = HERE.parent / "textmate" / "otter.tmLanguage.json"
LICENSE = HERE.parents[1] / "LICENSE"
PACKER = HERE / "node_modules" / "@vscode" / "vsce" / "vsce"


def build(output: Path) -> None:
    """Write the extension to `output`. Raises: SystemExit, where Node.js or the packer is missing or refuses."""
    node = which("node") or which("node", path=str(Path(sys.executable).parent))
    if node is None or not PACKER.is_file():
        raise SystemExit("Node.js and the packer are needed: `make vscode` gets them")
    with tempfile.TemporaryDirectory(prefix="otter-vscode-") as folder:
        copy = Path(folder) / "extension"
        shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("node_modules", "package-lock.json", "build.py", "__pycache__"))
        (copy / "syntaxes").mkdir()
        shutil.copy(GRAMMAR, copy / "syntaxes")
        shutil.copy(LICENSE, copy / "LICENSE")
        options = ["--no-dependencies", "--skip-license", "--allow-missing-repository"]
        done = subprocess.run([node, PACKER, "package", *options, "--out", output.resolve()], cwd=copy, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: build.py OUTPUT.vsix")
    Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
    build(Path(sys.argv[1]))
    print(f"built {sys.argv[1]}: install it with `code --install-extension {sys.argv[1]}`")
