"""Ask bash whether it can parse the scripts of `run sh` bodies.

In: `run`s, and what is known to be wrong already. Out: OT106 at the line that bash names. One process looks at all scripts; only where it finds
something is each looked at alone. Nothing is run: `bash -n` reads. Where there is no bash, nothing is said.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from otterdsl.compiler.analysis.places import line_in_file
from otterdsl.compiler.analysis.shell import scan
from otterdsl.compiler.analysis.shell_body import LONGEST, without_indent
from otterdsl.compiler.analysis.shell_places import VALUE
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax.ast import Run

_SECONDS: Final = 20.0
_LOOKED_AT: Final = 200
"""So many scripts are looked at alone: a file with more that are wrong has other worries."""
_SAID: Final = re.compile(rb"^[^\n]*?\.sh: line (\d+): (?!warning: )(.*)$", re.MULTILINE)
_OPEN: Final = re.compile(rb"here-document at line (\d+) delimited by end-of-file \(wanted `(.*)'\)$", re.MULTILINE)
_NAMED: Final = re.compile(r"(?:token `(.+)|matching `([\"'`]))'$")
# What a body could close is opened around it three times over: whoever closes all that too has written it for this line.
_BEFORE, _AFTER = "( { (\n:\n", "\n) } )\n"
_SOME: Final = "${OTTER}"  # stands for each value


class _Script(NamedTuple):
    run: Run
    text: str
    closed: bool


def with_scripts(runs: Sequence[Run], found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """What was `found`, and what bash cannot parse of `run sh` bodies in which nothing else is wrong.

    In a script that bash cannot parse a quote may be missing, so that values only seem to stand where they cannot: of them nothing is said then.
    """
    within = {run.span: [each for each in found if each.span is not None and _holds(run.span, each.span)] for run in runs}
    scripts = [_Script(run, text, scan(text).closed) for run in runs if (text := _text(run)).strip() and len(text) <= LONGEST]
    scripts = [each for each in scripts if all(other.code == "OT108" for other in within[each.run.span])]
    bash = shutil.which("bash") if scripts else None
    if bash is None or (len(scripts) > 1 and _right_together(bash, scripts)):
        return list(found)
    wrong = {script.run.span: each for script, each in _wrong(bash, scripts[:_LOOKED_AT])}
    seeming = {id(each) for span in wrong for each in within[span]}
    return [*(each for each in found if id(each) not in seeming), *wrong.values()]


def _holds(span: Span, other: Span) -> bool:
    return span.file == other.file and span.start <= other.start < span.end


def _text(run: Run) -> str:
    """The script with a reference to some variable for each value: whether that is quoted is nothing to how bash parses it."""
    script = without_indent("".join(part if isinstance(part, str) else VALUE for part in run.body.parts), run.starts)
    values = sum(not isinstance(part, str) for part in run.body.parts)
    return script.replace(VALUE, _SOME) if script.count(VALUE) == values else ""


def _right_together(bash: str, scripts: Sequence[_Script]) -> bool:
    """Whether all scripts are right. None of them may close what another one left open, which the scanner knows; nor need an option of its own."""
    if not all(script.closed and "extglob" not in script.text for script in scripts):
        return False
    return _said(bash, "".join(f"{_BEFORE}{script.text}{_AFTER}" for script in scripts)) is None


def _wrong(bash: str, scripts: Sequence[_Script]) -> Iterator[tuple[_Script, Diagnostic]]:
    for script in scripts:
        said = _said(bash, script.text)
        if said is None or _SOME in said[1]:
            continue
        line, message = said
        written = "".join(part if isinstance(part, str) else VALUE for part in script.run.body.parts)
        last = len(written.rstrip().split("\n"))
        span = line_in_file(script.run, written, min(line, last) - 1, *_columns(message, written.split("\n")[min(line, last) - 1]))
        label = _label(message, line > last)
        yield script, Diagnostic("OT106", CODES["OT106"].severity, f"bash cannot parse this script: {message}", span, label)


def _columns(message: str, line: str) -> tuple[int, int | None]:
    """Where on its line what bash names stands; the whole line where that is not certain."""
    named = _NAMED.search(message)
    token = (named[1] or named[2]) if named is not None else ""
    return (line.index(token), line.index(token) + len(token)) if token and line.count(token) == 1 else (0, None)


def _label(message: str, after: bool) -> str:
    if after or "unexpected end of file" in message:
        return "the script ends here, and something is still open"
    if "matching" in message:
        return "opened here" if _NAMED.search(message) else "something is still open here"
    return "opened here" if "here-document" in message else "on this line"


def _said(bash: str, text: str) -> tuple[int, str] | None:
    """The line that bash names first, and what it says; None where it parses the text, or cannot be asked."""
    options = ["-O", "extglob"] if "extglob" in text else []
    # Of what has a name bash tells the lines; and of a pipe it would read a byte at a time.
    with tempfile.NamedTemporaryFile(prefix="otterdsl-", suffix=".sh") as file:
        file.write(f"{text}\n".encode("utf-8", "surrogatepass"))
        file.flush()
        try:
            # No start-up file of the environment's, which bash would run.
            done = subprocess.run(
                [bash, "--norc", "--noprofile", *options, "-n", file.name],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env={"LC_ALL": "C"},
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    # Of a here-document without an end bash only warns; all that was to come after it is in it then.
    if (document := _OPEN.search(done.stderr)) is not None:
        return int(document[1]), f"no line after this here-document is `{document[2].decode('utf-8', 'replace')}`"
    # The exit code of `bash -n` is 0 for some of what it cannot parse.
    first = _SAID.search(done.stderr)
    return None if first is None else (int(first[1]), first[2].decode("utf-8", "replace"))
