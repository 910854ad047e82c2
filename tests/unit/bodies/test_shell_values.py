"""Hostile values at every place of a script, by the real bash: each arrives byte for byte, and nothing is run."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scripts import HOSTILE, V, compiled, errors, run, script_of, task

Expected = Callable[[str], str]


def within(before: str, after: str = "") -> Expected:
    return lambda value: f"{before}{value}{after}"


def stripped(value: str) -> str:
    return value.rstrip("\n")


# Each script writes its value, and what it writes besides is known.
CONTEXTS: Mapping[str, tuple[str, Expected]] = {
    "unquoted": (f"printf '<%s>' {V}", within("<", ">")),
    "within a word": (f"printf '<%s>' a{V}b", within("<a", "b>")),
    "two in a word": (f"printf '<%s>' {V}{V}", lambda value: f"<{value}{value}>"),
    "quoted": (f"printf '<%s>' \"{V}\"", within("<", ">")),
    "within quotes": (f"printf '<%s>' \"a '{V}' b\"", within("<a '", "' b>")),
    "beside quotes": (f"printf '<%s>' 'a \"'{V}'\" b'", within('<a "', '" b>')),
    "after a dollar": (f"printf '<%s>' \\${V}", within("<$", ">")),
    "after two dollars": (f"a=$${V}; printf '<%s>' \"${{a#$$}}\"", within("<", ">")),
    "after a comment": (f"# it's \" $( ` {V}\nprintf '<%s>' {V} # '{V}\n", within("<", ">")),
    "before a hash": (f"printf '<%s>' {V}#x", within("<", "#x>")),
    "over two lines": (f"printf '<%s>' \\\n  {V}", within("<", ">")),
    "after a tilde": (f"printf '<%s>' ~{V}", within("<~", ">")),
    "within braces": (f"printf '<%s>' {{{V},y}}", within("<", "><y>")),
    "as a command of a list": (f"true && {{ printf '<%s>' {V}; }} || ( false )", within("<", ">")),
    "substituted": (f"printf '<%s>' \"$(printf '%s.' {V})\"", within("<", ".>")),
    "substituted unquoted": (f"a=$(printf '%s.' \"{V}\"); printf '<%s>' \"$a\"", within("<", ".>")),
    "in backticks": (f"a=`printf '%s.' {V}`; printf '<%s>' \"$a\"", within("<", ".>")),
    "in quoted backticks": (f"printf '<%s>' \"`printf '%s.' {V}`\"", within("<", ".>")),
    "quoted in quoted backticks": (f"printf '<%s>' \"`printf '%s.' \"{V}\"`\"", within("<", ".>")),
    "escaped quotes in backticks": (f"printf '<%s>' \"`printf '%s.' \\\"{V}\\\"`\"", within("<", ".>")),
    "backticks in backticks": (f"printf '<%s>' \"`printf '%s,' \\\"\\`printf '%s.' {V}\\`\\\"`\"", within("<", ".,>")),
    "process substitution": (f"cat <(printf '<%s>' {V})", within("<", ">")),
    "into a process": (f"printf '<%s>' {V} > >(cat)\nwait", within("<", ">")),
    "here-document": (f"cat <<EOF1\n<{V}>\nEOF1", within("<", ">\n")),
    "here-document with quotes": (f"cat <<EOF1\n\"it's {V}\" \\$x\nEOF1", within("\"it's ", '" $x\n')),
    "indented here-document": (f"cat <<-EOF1\n\t<{V}>\n\tEOF1\n", within("<", ">\n")),
    "two here-documents": (f"cat <<A1; cat <<B1\n<{V}\nA1\n{V}>\nB1", lambda value: f"<{value}\n{value}>\n"),
    "here-document of a subshell": (f"( cat <<A1 )\n<{V}>\nA1\nprintf %s {V}", lambda value: f"<{value}>\n{value}"),
    "here-document substituted": (f"a=$(cat <<A1\nit's {V}\nA1\n)\nprintf '<%s>' \"$a\"", lambda value: f"<{stripped(f'it{chr(39)}s {value}')}>"),
    "command in a here-document": (f"cat <<EOF1\n<$(printf '%s.' {V})>\nEOF1", within("<", ".>\n")),
    "backticks in a here-document": (f"cat <<EOF1\n<`printf '%s.' {V}`>\nEOF1", within("<", ".>\n")),
    "default in a here-document": (f"cat <<EOF1\n<${{nope:-{V}}}>\nEOF1", within("<", ">\n")),
    "pattern in a here-document": (f"q=x{V}\ncat <<EOF1\n<${{q%{V}}}>\nEOF1", lambda value: "<x>\n"),
    "after a quoted here-document": (f"cat <<'E' >/dev/null\n it's \" $( ` \nE\nprintf '<%s>' {V}", within("<", ">")),
    "after an odd delimiter": (f"cat <<\"E F\"\\G >/dev/null\n it's \"\nE FG\nprintf '<%s>' {V}", within("<", ">")),
    "here-string": (f"cat <<< {V}", within("", "\n")),
    "quoted here-string": (f'cat <<<"<{V}>"', within("<", ">\n")),
    "default": (f"printf '<%s>' ${{nope:-a{V}}}", within("<a", ">")),
    "default in quotes": (f"printf '<%s>' \"${{nope:-a{V}}}\"", within("<a", ">")),
    "quoted default in quotes": (f"printf '<%s>' \"${{nope-a \"{V}\"}}\"", within("<a ", ">")),
    "alternative": (f"q=1; printf '<%s>' ${{q:+a{V}}}", within("<a", ">")),
    "assigned default": (f": ${{nope:={V}}}; printf '<%s>' \"$nope\"", within("<", ">")),
    "assigned": (f"q={V}; printf '<%s>' \"$q\"", within("<", ">")),
    "appended": (f"q=pre; q+={V}; printf '<%s>' \"$q\"", within("<pre", ">")),
    "assigned for a command": (f"q={V} bash -c 'printf \"<%s>\" \"$q\"'", within("<", ">")),
    "exported": (f"export q={V}; bash -c 'printf \"<%s>\" \"$q\"'", within("<", ">")),
    "local": (f"f() {{ local q={V}; printf '<%s>' \"$q\"; }}; f", within("<", ">")),
    "read-only": (f"readonly q={V}; printf '<%s>' \"$q\"", within("<", ">")),
    "prefix taken off": (f"q={V}x; printf '<%s>' \"${{q#{V}}}\"", lambda value: "<x>"),
    "suffix taken off": (f"q=x{V}; printf '<%s>' ${{q%%\"{V}\"}}", lambda value: "<x>"),
    "replacement": (f"q=aXb; printf '<%s>' \"${{q/X/{V}}}\"", within("<a", "b>")),
    "replaced": (f"q=a{V}b; printf '<%s>' \"${{q//{V}/X}}\"", lambda value: f"<{replaced(value)}>"),
    "array": (f"q=(x {V} y{V})\nprintf '<%s>' \"${{q[@]}}\"", lambda value: f"<x><{value}><y{value}>"),
    "array over lines": (f"q=(\n  # it's\n  [3]={V}\n)\nprintf '<%s>' \"${{q[3]}}\"", within("<", ">")),
    "appended to an array": (f"q=(); q+=({V}); printf '<%s>' \"${{#q[@]}}\" \"${{q[@]}}\"", within("<1><", ">")),
    "declared array": (f"declare -a q=({V}); printf '<%s>' \"${{q[@]}}\"", within("<", ">")),
    "map": (f"declare -A q=([k]={V}); printf '<%s>' \"${{q[k]}}\"", within("<", ">")),
    "element": (f"q=(a b); q[1]={V}; printf '<%s>' \"${{q[1]}}\"", within("<", ">")),
    "compared": (f"if [[ {V} == {V} && {V} = {V}* ]]; then printf '<%s>' \"{V}\"; fi", within("<", ">")),
    "pattern": (f"if [[ x{V}y == *{V}* && ! q == z{V} ]]; then printf '<%s>' {V}; fi", within("<", ">")),
    "regular expression": (f"if [[ x{V}y =~ ^x({V}|it\\'s)y$ ]]; then printf '<%s>' {V}; fi", within("<", ">")),
    "extended pattern": (f"if [[ x{V} == x@(q|{V}) ]]; then printf '<%s>' {V}; fi", within("<", ">")),
    "asked for its length": (f"if [[ -z {V} || -n {V} ]]; then printf '<%s>' {V}; fi", within("<", ">")),
    "test": (f"if [ {V} = {V} ] && test a{V} != {V}; then printf '<%s>' {V}; fi", within("<", ">")),
    "case": (f"case {V} in q{V}q) ;; {V}) printf '<%s>' {V} ;; esac", within("<", ">")),
    "case in brackets": (f"case z{V} in\n  # it's )\n  (y | 'z'{V}) printf '<%s>' {V};;\nesac", within("<", ">")),
    "case substituted": (f"printf '<%s>' \"$(case {V} in zz) echo no;; *) printf '%s.' {V};; esac)\"", within("<", ".>")),
    "loop": (f"for i in a {V} b; do printf '<%s>' \"$i\"; done", within("<a><", "><b>")),
    "select-like": (f"while read -r _; do printf '<%s>' {V}; done <<< x", within("<", ">")),
    "function": (f"f() {{ printf '<%s>' \"$@\"; }}\nf x {V}", within("<x><", ">")),
    "function by keyword": (f"function f {{ printf '<%s>' \"$1\"; }}; f {V}", within("<", ">")),
    "function in a subshell": (f"f() ( printf '<%s>' {V} ); f", within("<", ">")),
    "positional": (f"set -- {V}; printf '<%s>' \"$1\"", within("<", ">")),
    "file": (f"printf '<%s>' {V} > f{V.replace(V, '')}ile; cat file", within("<", ">")),
    "argument of a script": (f"bash -c 'printf \"<%s>\" \"$1\"' _ {V}", within("<", ">")),
    "after ansi quotes": (f"printf '<%s>' $'\\'a\\\\'{V}", within("<'a\\", ">")),
    "counted": (f"printf '<%s>' $((1 + $(printf %s {V} | wc -c)))", lambda value: f"<{1 + len(value.encode())}>"),
    "counted by a command": (f"(( $(printf %s {V} | wc -c) >= 0 )) && printf '<%s>' {V}", within("<", ">")),
    "no arithmetic": (f"((printf '<%s>' {V}); true)", within("<", ">")),
    "no substituted arithmetic": (f"a=$((printf '<%s>.' {V}) ; true); printf %s \"${{a%.}}\"", within("<", ">")),
    "counting loop": (f"for ((i = 0; i < 2; i++)); do printf '<%s>' {V}; done", lambda value: f"<{value}>" * 2),
    "pipe": (f"printf '<%s>' {V} | cat |& cat 2>&1", within("<", ">")),
    "printed as a variable's": (f"printf -v q '<%s>' {V}; printf %s \"$q\"", within("<", ">")),
    "prompt": (f"read -r -p {V} -d {V[:0]}'' q < /dev/null || printf '<%s>' {V}", within("<", ">")),
    "escaped before": (f"printf '<%s>' \\\\{V}\\ {V}", lambda value: f"<\\{value} {value}>"),
    "coprocess": (f"coproc cat; printf '<%s>' {V} >&${{COPROC[1]}}; exec {{COPROC[1]}}>&-; cat <&${{COPROC[0]}}", within("<", ">")),
}  # fmt: skip


def replaced(value: str) -> str:
    return f"a{value}b".replace(value, "X") if value else "ab"


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """All scripts of the contexts, compiled from one file."""
    text = "".join(task(f"t{number}", script) for number, (script, _) in enumerate(CONTEXTS.values()))
    types = compiled(tmp_path_factory.mktemp("contexts"), text)
    return {name: script_of(types[f"t{number}"]) for number, name in enumerate(CONTEXTS)}


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_value_arrives_as_it_is_and_nothing_is_run(name: str, scripts: Mapping[str, str], tmp_path: Path) -> None:
    expected = CONTEXTS[name][1]
    for value in HOSTILE:
        ran = run(scripts[name], tmp_path / "run", value)
        assert not ran.pwned, value
        assert ran.out.decode() == expected(value), (value, scripts[name], ran.err)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(CONTEXTS)), value=st.lists(st.sampled_from((*HOSTILE, "x", "$", "{", "}", "`", "<<E", "\r"))).map("".join))
@example(name="replaced", value="$(touch pwned)")
def test_values_put_together_of_hostile_ones_arrive_too(name: str, value: str, scripts: Mapping[str, str], tmp_path: Path) -> None:
    ran = run(scripts[name], tmp_path / "run", value)
    assert not ran.pwned
    assert ran.out.decode() == CONTEXTS[name][1](value), (scripts[name], ran.err)


# ---------------------------------------------------------------- contexts within each other


def in_backticks(command: str) -> str:
    """A command in backticks, with what these take off put before it."""
    escaped = "".join(f"\\{char}" if char in "\\`$" else char for char in command)
    return f"`{escaped}`"


WRAPPERS: tuple[Callable[[str], str], ...] = (
    lambda command: f'printf %s "$( {command} )"',
    lambda command: f"q=$( {command} ); printf %s \"$q\"",
    lambda command: f"q={in_backticks(command)}; printf %s \"$q\"",
    lambda command: f"( {command} )",
    lambda command: f"{{ {command}\n}}",
    lambda command: f"cat <( {command} )",
    lambda command: f"if [[ a == a* ]]; then {command}\nfi",
    lambda command: f"case \"it's\" in *) {command}\n;; esac",
    lambda command: f"f() {{ {command}\n}}; f",
    lambda command: f"printf %s ${{nope-\"$( {command} )\"}}",
    lambda command: f"printf %s \"${{nope:-$( {command} )}}\"",
    lambda command: f"for i in 'a b'; do {command}\ndone",
    lambda command: f"a=(\"$( {command} )\"); printf %s \"${{a[0]}}\"",
    lambda command: f"cat <<< \"$( {command} )\" | head -c -1",
    lambda command: f"(( $(true; {{ {command}\n}} > /dev/null; echo 1) )) && {command}",
    lambda command: f"# don't \" `\n{command} # nor ' here\n",
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wrappers=st.lists(st.sampled_from(WRAPPERS), max_size=5), value=st.sampled_from(HOSTILE))
def test_a_value_arrives_through_contexts_within_each_other(wrappers: list[Callable[[str], str]], value: str, tmp_path: Path) -> None:
    command = f"printf '<%s>' {V}"
    for wrap in wrappers:
        command = wrap(command)
    script = script_of(compiled(tmp_path, task("t", command))["t"])
    ran = run(script, tmp_path / "run", value)
    assert not ran.pwned
    assert ran.out.decode() == f"<{value}>", (script, ran.err)


# ---------------------------------------------------------------- places that no value can have

REFUSED = (
    f"echo 'a {V}'", f"echo $'a{V}'", f"cat <<'E'\n{V}\nE", f"cat <<E{V}\nx\nE", f"cat <<\\E\n{V}\nE", f"echo \\{V}", f'echo "\\{V}"', f"echo ${V}",
    f'echo "a${V}"', f"eval {V}", f'eval "x {V}"', f"builtin eval {V}", f"command eval {V}", f"\\eval {V}", f"e''val {V}", f"x=1 eval {V}",
    f">f eval {V}", f"if eval {V}; then :; fi", f"a || eval {V}", f"echo $(eval {V})", f'echo "`eval {V}`"', f"trap {V} EXIT", f"bash -c {V}",
    f'bash -ec "x {V}"', f"bash -o pipefail -c {V}", f"/bin/sh -c {V}", f'xargs sh -c "x {V}"', f"env -i bash -c {V}", f'python3 -c "print({V})"',
    f"perl -e {V}", f"echo $(({V}+1))", f'echo $(("{V}"+1))', f"(( x = {V} ))", f"let x={V}", f"a[{V}]=1", f"echo ${{a[{V}]}}", f"echo ${{a:{V}:2}}",
    f"echo ${{a:1:{V}}}", f"echo $[{V}]", f"[[ {V} -eq 3 ]]", f"[[ 3 -lt a{V} ]]", f"[[ -v {V} ]]", f"[[ -R {V} ]]", f"test -v {V}", f"[ -v a[{V}] ]",
    f"[ {V} {V} ]", f"unset {V}", f"unset a[{V}]", f"read {V}", f"read -a {V}", f"read -r a {V}", f"printf -v {V} x", f"printf {V}",
    f"printf {V} a b", f"printf -- {V}", f"declare -i n={V}", f"declare -i n; n={V}", f"declare {V}=1", f"declare -a a={V}",
    f"a=(1); declare a={V}", f"local -n r={V}",
    f"export {V}", f"export PS4={V}", f"PS4={V}", f"RANDOM={V}", f"OPTIND={V} true", f"echo ${{{V}}}", f"echo ${{!{V}}}", f"echo ${{x{V}}}",
    f"for ((i={V};i<3;i++)); do :; done", f"declare -i i; for i in {V}; do :; done", f"a=([{V}]=x)", f"wait {V}", f"mapfile -C {V} a", f"exec 3>&{V}",
    f"alias x={V}", f"compgen -W {V}", f"enable -f {V}", f"hash -p {V} x", f"echo ${{x@{V}}}", f'echo "${{x:-\'{V}\'}}"', f"BASH_ENV={V} bash x",
    "$(" * 60 + f"echo {V}" + ")" * 60,
)  # fmt: skip


@pytest.mark.parametrize("script", REFUSED)
def test_where_bash_would_read_more_than_a_value_it_is_refused(script: str, tmp_path: Path) -> None:
    found = errors(tmp_path, task("t", script))
    assert {code for code, _ in found} == {"OT108"}, found
    assert all("cannot stand here" in message for _, message in found)


NUMBERS = {
    f"echo $(({V} + 1)) $[{V}]": lambda n: f"{n + 1} {n}\n",
    f"(( x = {V} * 2 )) || true; echo $x": lambda n: f"{n * 2}\n",
    f"q=(0 1 2 3 4); echo ${{q[{V}]}} ${{q[@]:{V}:1}}": lambda n: f"{n} {n}\n",
    f"q=(); q[{V}]=z; echo ${{!q[@]}}": lambda n: f"{n}\n",
    f"if [[ {V} -eq {V} ]]; then echo y; fi": lambda n: "y\n",
    f"declare -i n={V}; echo $n": lambda n: f"{n}\n",
    f"for ((i={V}; i<{V}+1; i++)); do echo $i; done": lambda n: f"{n}\n",
    f'bash -c "echo {V}"': lambda n: f"{n}\n",
}


@pytest.mark.parametrize("script", NUMBERS)
def test_whole_numbers_may_stand_where_bash_counts(script: str, tmp_path: Path) -> None:
    written = script_of(compiled(tmp_path, task("t", script, "int"))["t"])
    for number in (0, 3):
        assert run(written, tmp_path / "run", str(number)).out.decode() == NUMBERS[script](number)


@pytest.mark.parametrize("of", ["str", "any", "float", "bool", "int | str", "list[int]", "duration"])
def test_other_types_may_not(of: str, tmp_path: Path) -> None:
    assert [code for code, _ in errors(tmp_path, task("t", f"echo $(({V} + 1))", of))] == ["OT108"]
