"""The parse tables, made from the grammar by Lark. In: the grammar's text. Out: plain data, and the JSON that is kept beside the grammar.

Run as a program it writes that file. It is for development: building costs a hundred milliseconds and loads Lark, so nothing that a user
starts comes here. What is absent: how the tables are read back (`tables`) and driven (`parse`).
"""

import json
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule, Terminal
from lark.lexer import PatternStr, TerminalDef

from otterdsl.compiler.syntax.tables import GRAMMAR, STARTS, TABLES, folder, read_resource

# What a keyword's terminal ends with, so that one which is followed by `=` or `:` is a name.
KEYWORD_END = "(?![A-Za-z0-9_])"


def build(grammar: str, strict: bool = False) -> dict[str, Any]:
    """The tables of a grammar as plain data, the same for the same grammar: states are numbered in the order in which they are reached.

    Raises lark.exceptions.GrammarError where the grammar has a conflict.
    """
    lark = Lark(grammar, parser="lalr", strict=strict, start=list(STARTS), maybe_placeholders=False)
    data, memo = lark.memo_serialize([TerminalDef, Rule])
    items = {int(number): item for number, item in memo.items()}
    terminals = {t["name"]: t for t in items.values() if t["__type__"] == "TerminalDef"}
    # A terminal that is plain text goes by that text; the others by their names.
    symbols = {name: t["pattern"]["value"] if t["pattern"]["__type__"] == PatternStr.__name__ else name for name, t in terminals.items()}
    numbered = {number: item for number, item in items.items() if item["__type__"] == Rule.__name__}
    rules = sorted((_rule(item, symbols) for item in numbered.values()), key=json.dumps)
    place = {number: rules.index(_rule(item, symbols)) for number, item in numbered.items()}
    table = data["parser"]["parser"]
    states = {number: _actions(actions, table["tokens"], symbols, place) for number, actions in table["states"].items()}
    order = _reached(states, [table["start_states"][start] for start in STARTS])
    return {
        "start": {start: order.index(table["start_states"][start]) for start in STARTS},
        "end": {start: order.index(table["end_states"][start]) for start in STARTS},
        "patterns": {name: terminals[name]["pattern"]["value"] for name in ("NAME", "LEAD", "NUMBER", "STRING", "COMMENT", "BLANK")},
        "punctuation": sorted(
            (t["pattern"]["value"] for t in terminals.values() if t["pattern"]["__type__"] == PatternStr.__name__), key=lambda p: (-len(p), p)
        ),
        "keywords": _keywords(terminals),
        "rules": rules,
        "states": [_renumbered(states[number], order) for number in order],
    }


def _rule(item: dict[str, Any], symbols: dict[str, str]) -> list[Any]:
    """A rule as its name, whether a single child is passed on, and the symbols it expands to."""
    expansion = [symbols[s["name"]] if s["__type__"] == Terminal.__name__ else s["name"] for s in item["expansion"]]
    return [item["origin"]["name"], bool(item["options"]["expand1"]), expansion]


def _actions(actions: dict[int, Any], tokens: dict[int, str], symbols: dict[str, str], place: dict[int, int]) -> dict[str, int]:
    """A state's actions by symbol: a state to go to, or minus one minus the number of the rule to reduce by."""
    found = {}
    for token, (action, argument) in actions.items():
        name = tokens[token]
        found[symbols.get(name, name)] = -1 - place[argument["@"]] if action == 1 else argument
    return dict(sorted(found.items()))


def _reached(states: dict[int, dict[str, int]], starts: list[int]) -> list[int]:
    """All states in the order in which a walk from the starts meets them. Lark's own numbers may depend on hashing."""
    order = list(starts)
    seen = set(order)
    for number in order:
        for target in states[number].values():
            if target >= 0 and target not in seen:
                seen.add(target)
                order.append(target)
    return order


def _renumbered(actions: dict[str, int], order: list[int]) -> dict[str, int]:
    return {symbol: order.index(target) if target >= 0 else target for symbol, target in actions.items()}


def _keywords(terminals: dict[str, Any]) -> dict[str, Any]:
    """The words that are keywords, each with its terminal, and the pattern that must follow them."""
    words, ends = {}, set()
    for name, terminal in terminals.items():
        word, found, end = terminal["pattern"]["value"].partition(KEYWORD_END)
        if found and word == name.lower():
            words[word] = name
            ends.add(found + end)
    if len(ends) != 1:
        raise ValueError("the keywords of the grammar do not all end with WORD_END")
    return {"words": dict(sorted(words.items())), "end": ends.pop()}


def to_text(tables: dict[str, Any]) -> str:
    """The tables as JSON, a state and a rule a line, so that a change of the grammar can be reviewed."""
    parts = []
    for key, value in tables.items():
        if isinstance(value, list) and key != "punctuation":
            lines = ",\n".join("  " + json.dumps(item, separators=(",", ":")) for item in value)
            parts.append(f'"{key}": [\n{lines}\n]')
        else:
            parts.append(f'"{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Write the tables of the grammar beside it."""
    grammar = read_resource(GRAMMAR).decode()
    Path(folder(), TABLES).write_text(to_text(build(grammar)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
