"""What commands of bash do with their arguments, where that is more than to take them: names of variables, numbers, scripts.

In: the words of a command, as `shell` scanned them. Out: in `Found`, which values can only be whole numbers there. What is absent: other programs,
but for those that take a program's text as an argument: what they make of theirs is the author's to know.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from otterdsl.compiler.analysis.shell_places import ARITHMETIC, Found, Place, Why, Word

DECLARING: Final = frozenset({"declare", "typeset", "local", "export", "readonly"})
"""Commands of bash whose arguments are assignments too."""

_PREFIXES: Final = frozenset({"command", "builtin", "exec", "-p"})
_READS: Final = {"read": "dinNptu", "mapfile": "dnOscu", "readarray": "dnOscu"}  # which of their options take text or a number, and no name
_RISKY: Final = frozenset({"complete", "compgen", "compopt", "bind", "enable", "fc", "hash", "alias"})
_COMPARED: Final = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_TAKES_CODE: Final = {
    **dict.fromkeys(("bash", "sh", "dash", "ksh", "zsh", "ash", "su", "fish"), "c"),
    **dict.fromkeys(("python", "python2", "python3"), "c"),
    **dict.fromkeys(("perl", "ruby", "node", "Rscript", "lua"), "eE"),
    "php": "r",
}
_WITH_ARGUMENT: Final = frozenset({"-o", "-O", "+o", "+O", "--rcfile", "--init-file", "-W", "-X"})

_NAMES: Final = Why("bash reads the name of a variable here, and runs commands that a name holds", "name the variable in the script itself")
_EVAL: Final = Why("bash reads this as a script", "write the command itself, with the value as an argument of it")
_CODE: Final = Why("this is read as a program", "give the value as an argument, which that program reads: `bash -c '… \"$1\" …' _ ${…}`")
_FORMAT: Final = Why("`printf` reads this as a format, or as an option", "print the value by a format: `printf '%s\\n' ${…}`")
_ATTRIBUTES: Final = Why("bash evaluates what a variable with these attributes is given", "declare the variable without them, and assign to it then")


def real_name(command: Sequence[Word]) -> str:
    """The name of the command that is run in the end, where that is said in the script; else nothing."""
    for word in command:
        if word.literal not in _PREFIXES:
            return "" if word.values else word.literal
    return ""


def check_command(command: Sequence[Word], found: Found) -> None:
    """Mutates `found`: the values that this command would make more of than a value, and the variables that it makes numbers."""
    skipped = next((number for number, word in enumerate(command) if word.literal not in _PREFIXES), 0)
    name, arguments = real_name(command), command[skipped + 1 :]
    if name in ("eval", "trap") or name in _RISKY:
        _refuse(arguments, _EVAL, found)
    elif name in DECLARING:
        _declaration(arguments, found)
    elif name == "let":
        _refuse(arguments, ARITHMETIC, found)
    elif name in ("unset", "wait", "getopts"):
        _refuse(arguments, _NAMES, found)
    elif name in _READS:
        _reads(arguments, _READS[name], found)
    elif name == "printf":
        _printf(arguments, found)
    elif name in ("test", "["):
        _test(arguments, found)
    _programs(command, found)


def check_conditional(words: Sequence[Word], found: Found) -> None:
    """What stands within `[[ … ]]`. Mutates `found`."""
    for index, word in enumerate(words):
        if word.bare and word.literal in _COMPARED:
            _refuse([*words[max(index - 1, 0) : index], *words[index + 1 : index + 2]], ARITHMETIC, found)
        elif word.bare and word.literal in ("-v", "-R"):
            _refuse(words[index + 1 : index + 2], _NAMES, found)


def _refuse(words: Iterable[Word], why: Why, found: Found) -> None:
    for word in words:
        for number in word.values:
            place = found.places[number]
            if place.never is None:
                found.places[number] = Place(place.form, None, why)


def _declaration(arguments: Sequence[Word], found: Found) -> None:
    flags = {flag for word in arguments if word.literal[:1] in "-+" and word.literal[1:2] != "-" for flag in word.literal[1:]}
    for word in arguments:
        name = word.assigns or word.literal
        literal = word.literal.startswith(f"{name}=(")
        if flags & set("in"):
            found.integers.add(name)
        if flags & set("aA") or literal:
            found.arrays.add(name)
        if not word.assigns:
            _refuse([word], _NAMES, found)
        elif flags & set("in") or (flags & set("aA") and not literal):
            _refuse([word], _ATTRIBUTES, found)
        elif not literal:
            found.declared.setdefault(name, []).extend(word.values)


def _reads(arguments: Sequence[Word], taking: str, found: Found) -> None:
    before = ""
    for word in arguments:
        takes = before.startswith("-") and before[-1:] in taking and len(before) > 1
        attached = word.literal[:1] == "-" and word.literal[1:2] in taking and word.literal[1:2] != ""
        if not takes and not attached:
            _refuse([word], _NAMES, found)
        if takes or not word.literal.startswith("-"):
            found.arrays.add(word.literal)
        before = "" if takes else word.literal


def _printf(arguments: Sequence[Word], found: Found) -> None:
    rest = list(arguments)
    while rest and rest[0].literal.startswith("-") and not rest[0].values:
        option = rest.pop(0).literal
        if option == "--":
            break
        if option == "-v":
            _refuse(rest[:1], _NAMES, found)
            rest = rest[1:]
    _refuse(rest[:1], _FORMAT, found)


def _test(arguments: Sequence[Word], found: Found) -> None:
    for index, word in enumerate(arguments):
        before = arguments[index - 1] if index else None
        if before is not None and (before.literal in ("-v", "-R") or before.values):
            _refuse([word], _NAMES, found)


def _programs(command: Sequence[Word], found: Found) -> None:
    """Programs that take a text as a program, wherever they stand among the words: `xargs bash -c …` runs one too."""
    for index, word in enumerate(command):
        letters = _TAKES_CODE.get(word.literal.rpartition("/")[2])
        if letters is None or word.values:
            continue
        rest = command[index + 1 :]
        given = False
        at = 0
        while at < len(rest):
            option = rest[at].literal
            if not option.startswith(("-", "+")):
                if given:
                    _refuse([rest[at]], _CODE, found)
                break
            given |= not option.startswith("--") and any(letter in option[1:] for letter in letters)
            _refuse([rest[at]], _CODE, found)
            at += 2 if option in _WITH_ARGUMENT else 1
