"""The saved parse tables, read and made ready to drive. In: the JSON beside the grammar. Out: `Tables`.

Here, and only here, the grammar's folder is found: in a wheel, an editable install and a bare checkout. Lark is not needed.
"""

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

import otterdsl

GRAMMAR, TABLES = "otter.lark", "otter.tables.json"
STARTS = ("module", "expr")

# Symbols that open a level of nesting.
OPENERS = ("{", "[", "(", "NOT", "ELSE")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the grammar: `unit` passes its one child on, `repeats` gathers a list whose items are the last symbols."""

    origin: str
    unit: bool
    repeats: bool
    symbols: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many symbols it takes off the stack."""
        return len(self.symbols)


@dataclass(frozen=True, slots=True)
class Tables:
    """What drives the parser.

    `states[s][symbol]` is a state to go to, or minus one minus the number of a rule to reduce by. A word that is no keyword goes as `NAME`
    everywhere: where the grammar has LEAD, `NAME` stands beside it with the same action. `deep` holds the states entered by an opener,
    `bodies` those where the text of a `run` comes.
    """

    start: dict[str, int]
    end: dict[str, int]
    states: tuple[dict[str, int], ...]
    rules: tuple[Rule, ...]
    keywords: dict[str, str]
    keyword_end: re.Pattern[str]
    not_leading: frozenset[str]
    patterns: dict[str, str]
    punctuation: tuple[str, ...]
    deep: frozenset[int]
    bodies: frozenset[int]
    # The rules again, a column each, for the loop that runs for every token.
    sizes: tuple[int, ...]
    origins: tuple[str, ...]
    units: tuple[bool, ...]
    repeats: tuple[bool, ...]


def folder() -> str:
    """The folder that holds the grammar: the package `otterdsl.grammar`, or `grammar` beside the sources of a bare checkout."""
    spec = find_spec("otterdsl.grammar")
    if spec is not None and spec.submodule_search_locations:
        return next(iter(spec.submodule_search_locations))
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(otterdsl.__file__))), "grammar")


def read_resource(name: str) -> bytes:
    """A file of the grammar's folder."""
    with open(os.path.join(folder(), name), "rb") as file:
        return file.read()


@cache
def load() -> Tables:
    """The tables, read once a process."""
    data = json.loads(read_resource(TABLES))
    rules = tuple(Rule(origin, unit and len(symbols) == 1, origin.startswith("__"), tuple(symbols)) for origin, unit, symbols in data["rules"])
    states = tuple(data["states"])
    for actions in states:
        if "LEAD" in actions:
            actions["NAME"] = actions["LEAD"]
    keywords = data["keywords"]["words"]
    lead = re.compile(data["patterns"]["LEAD"])
    after_run = states[states[0]["TASK"]]["NAME"]
    return Tables(
        start=data["start"],
        end=data["end"],
        states=states,
        rules=rules,
        keywords=keywords,
        keyword_end=re.compile(data["keywords"]["end"]),
        not_leading=frozenset(word for word in keywords if not lead.match(word)),
        patterns=data["patterns"],
        punctuation=tuple(data["punctuation"]),
        deep=frozenset(actions[opener] for actions in states for opener in OPENERS if actions.get(opener, -1) >= 0),
        sizes=tuple(rule.size for rule in rules),
        origins=tuple(rule.origin for rule in rules),
        units=tuple(rule.unit for rule in rules),
        repeats=tuple(rule.repeats for rule in rules),
        bodies=frozenset(states[actions["RUN"]]["NAME"] for actions in (states[states[after_run]["{"]],)),
    )
