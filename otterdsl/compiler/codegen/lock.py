"""The lock file: what a generated package was made from, and what it was when made.

In: the generated texts and a `Record` of what they come from. Out: JSON whose order and layout depend on nothing but that. It is the only
generated file that says where things come from, so that the others change only when they mean something else.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LOCK = "otterdsl.lock.json"
FORMAT = 1

_encode = json.JSONEncoder(sort_keys=True).encode
_SOURCE_ROOT = re.compile(r'^(  "source_root": ).*?(,?)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Record:
    """What a package is made from: the generator's version, SHA-256 of each source by its id, fingerprints of the schemas, and folded params.

    `source_root` is the entry file's folder, relative to the package's; `entry` the file's name in it. `edition` is a digest of the generator itself,
    empty where no module is to be kept from one compilation to the next (see `seals`).
    """

    version: str
    sources: Mapping[str, str] = field(default_factory=dict)
    schemas: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, object] = field(default_factory=dict)
    source_root: str = "."
    entry: str = ""
    edition: str = ""


def sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


Reasons = Mapping[str, Mapping[str, Mapping[str, str]]]


def lock_text(
    record: Record,
    files: Mapping[str, str],
    lines: Mapping[str, Mapping[str, tuple[str, int]]],
    seals: Mapping[str, str] | None = None,
    reasons: Reasons | None = None,
) -> str:
    """The lock of a package.

    `lines` gives for each module and class the source and the line of its statement, `seals` the seals of modules, `reasons` for each module and
    class why it waits for what no `requires` names.
    """
    content = {
        "format": FORMAT,
        "generator": record.version,
        "source_root": record.source_root,
        "entry": record.entry,
        "sources": record.sources,
        "schemas": record.schemas,
        "params": record.params,
        "files": {name: sha256(text) for name, text in files.items()},
        "lines": lines,
        "reasons": reasons or {},
        **({"seals": seals} if seals else {}),
    }
    return _json(content, 0) + "\n"


def with_source_root(text: str, source_root: str) -> str:
    """A lock's text for a package whose entry file lies in another folder."""
    # The outermost entries alone are indented by two, and a line end within a text of JSON is escaped.
    return _SOURCE_ROOT.sub(lambda found: f"{found[1]}{_encode(source_root)}{found[2]}", text, count=1)


def pending_text(old: str, new: Mapping[str, object]) -> str:
    """The lock to stand while files are written: the old one, or an empty one, that knows the new files for ours too."""
    content = json.loads(old) if old else {"format": FORMAT, "files": {}}
    # Whoever began this has a right to end it.
    return _json({**content, "entry": new["entry"], "source_root": new["source_root"], "pending": new["files"]}, 0) + "\n"


def _json(value: object, level: int) -> str:
    """JSON with an entry of a map a line, sorted, and anything else on one: a changed statement changes its own line."""
    if isinstance(value, list | tuple) and len(value) == 2 and type(value[0]) is str and type(value[1]) is int:
        return f"[{_encode(value[0])}, {value[1]}]"  # the place of a statement, as most of a lock is
    if not isinstance(value, Mapping) or not value:
        return _encode(value)
    inner = "  " * (level + 1)
    entries = [f"{inner}{_encode(key)}: {_json(item, level + 1)}" for key, item in sorted(value.items())]
    return "{\n" + ",\n".join(entries) + "\n" + "  " * level + "}"
