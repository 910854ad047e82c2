"""Write the TextMate grammar anew: `python -m otterdsl.editor.build_textmate`, after its source or a keyword changed.

In: `otter.tmLanguage.source.json`, in which `<STEP>` stands for a keyword by its terminal and `<IS WORD>` for what tells one from a name. Out:
`otter.tmLanguage.json` beside it. What is absent: any other change; the rules are the source's.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

from otterdsl.compiler.syntax.tables import folder
from otterdsl.editor.words import WORDS, constants, declarations, operators

SOURCE: Final = "otter.tmLanguage.source.json"
BUILT: Final = "otter.tmLanguage.json"
_IS_WORD: Final = r"(?!\s*(?:=(?!=)|:))"  # a keyword before a single `=` or a `:` is a name


def built(source: str) -> str:
    """The grammar that a source stands for. Raises: KeyError, for a terminal that is none."""
    parts = {
        **WORDS,
        "IS WORD": _IS_WORD,
        "DECLARATIONS": "|".join(declarations()),
        "DECLARATIONS BUT TASK": "|".join(word for word in declarations() if word != WORDS["TASK"]),
        "CONSTANTS": "|".join(constants()),
        "OPERATORS": "|".join(operators()),
    }
    return json.dumps(_spelled(json.loads(source), parts), indent=2, ensure_ascii=False) + "\n"


def _spelled(value: Any, parts: dict[str, str]) -> Any:
    """A value of the source with its keywords spelled out."""
    match value:
        case str():
            return re.sub(r"<([A-Z][A-Z ]*)>", lambda found: parts[found[1]], value)
        case list():
            return [_spelled(each, parts) for each in value]
        case dict():
            return {key: _spelled(each, parts) for key, each in value.items()}
        case _:
            return value


if __name__ == "__main__":
    textmate = Path(folder()) / "textmate"
    (textmate / BUILT).write_text(built((textmate / SOURCE).read_text(encoding="utf-8")), encoding="utf-8")
