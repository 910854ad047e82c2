"""What the pure functions give, by their text in a file, and what they cost where their results would be large."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otterdsl.compiler.analysis.limits import WORK
from otterdsl.compiler.analysis.locations import basename, dirname, ext, stem
from otterdsl.compiler.analysis.pure_functions import FUNCTIONS

TASK = "step s {{ say x {{ what = {} }} }}"


def said(program, expr: str, constants: str = ""):
    made = program(f"scratchpad {{ {constants} }}\n{TASK.format(expr)}")
    return made.steps[0].tasks[0].assignments[0].value


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        ("join(['a', 'b'], '-')", "a-b"),
        ("join(list = ['a', 1, true, 0.5], separator = ', ')", "a, 1, true, 0.5"),
        ("join([], '-')", ""),
        ("split('a,b,,c', ',')", ("a", "b", "", "c")),
        ("split('', ',')", ("",)),
        ("lower('ÄB') ", "äb"),
        ("upper('straße')", "STRASSE"),
        ("replace('a.b.c', '.', '')", "abc"),
        ("replace(new = 'x', text = 'aa', old = 'a')", "xx"),
        ("range(3)", (0, 1, 2)),
        ("range(stop = 2)", (0, 1)),
        ("range(2007, 2010)", (2007, 2008, 2009)),
        ("range(3, 0, -1)", (3, 2, 1)),
        ("range(0, 10, 4)", (0, 4, 8)),
        ("range(3, 1)", ()),
        ("range(1, step = 5, stop = 9)", (1, 6)),
        ("range(3, step = 2)", (0, 2)),
        ("concat([1], [], ['a'])", (1, "a")),
        ("zip([1, 2], ['a', 'b'], [true, false])", ((1, "a", True), (2, "b", False))),
        ("zip(name = ['a', 'b'], year = [1, 2])", ({"name": "a", "year": 1}, {"name": "b", "year": 2})),
        ("zip([], [])", ()),
        ("keys({ b = 1, 'a c' = 2 })", ("b", "a c")),
        ("\"v${upper('x')}-${join(range(3), '')}\"", "vX-012"),
        ('"${range(2)}"', (0, 1)),
        ("upper(join(concat(split('a b', ' '), ['c']), '/'))", "A/B/C"),
        ("lower('${A}')", "$${a}"),
        ("split('${a}/${b}', '/')", ("$${a}", "$${b}")),
        ("join(['$', '{x}'], '')", "$${x}"),
        ("[stem('a/b.c'), { x = ext('a.b') }]", ("b", {"x": "b"})),
    ],
)
def test_functions_fold(program, expr: str, value: object) -> None:
    assert said(program, expr) == value


def test_numbers_that_come_by_a_name_are_text_where_only_text_fits(program) -> None:
    assert said(program, "join(split(release, '1'), upper(release))", "release = 115") == "1151155"


@pytest.mark.parametrize(
    ("location", "parts"),
    [
        ("a/b/c.tar.gz", ("a/b", "c.tar.gz", "c.tar", "gz")),
        ("c.csv", ("", "c.csv", "c", "csv")),
        ("/c", ("/", "c", "c", "")),
        ("/", ("/", "", "", "")),
        ("", ("", "", "", "")),
        ("a//b/", ("a", "b", "b", "")),
        (".bashrc", ("", ".bashrc", ".bashrc", "")),
        ("a.", ("", "a.", "a", "")),
        ("gs://bucket/x/y.csv", ("gs://bucket/x", "y.csv", "y", "csv")),
        ("gs://bucket/y.csv", ("gs://bucket", "y.csv", "y", "csv")),
        ("gs://bucket", ("gs://bucket", "", "", "")),
        ("https://x.org/a/b.csv?v=1.2#top", ("https://x.org/a", "b.csv", "b", "csv")),
        ("https://x.org?v=a/b.c", ("https://x.org", "", "", "")),
        ("file:///a/b", ("file:///a", "b", "b", "")),
        ("a/b#c.d", ("a", "b#c.d", "b#c", "d")),
    ],
)
def test_the_parts_of_a_location(location: str, parts: tuple[str, str, str, str]) -> None:
    assert (dirname(location), basename(location), stem(location), ext(location)) == parts


@given(st.text("ab./", max_size=12))
def test_the_parts_of_a_path_make_it_up_again(path: str) -> None:
    name = f"{stem(path)}.{ext(path)}" if ext(path) else stem(path)
    assert basename(path) in (name, f"{name}.")
    whole = f"{dirname(path).rstrip('/')}/{basename(path)}" if dirname(path) else basename(path)
    assert [part for part in whole.split("/") if part] == [part for part in path.split("/") if part]
    assert not basename(path) or "/" not in basename(path)
    assert PurePosixPath(dirname(path) or ".").is_absolute() == path.startswith("/")


@pytest.mark.parametrize(
    "constants",
    [
        "x = range(1000000000000)",
        "x = range(0, -9000000000000000000, -1)",
        "t = replace(join(range(100000), 'aaaaaaaaaa'), 'a', '0123456789012345678901234567890')",
        "a = join(range(100000), '') b = replace(a, '1', a) c = replace(b, '1', b)",
        "a = range(900000) b = concat(a, a) c = concat(b, b)",
        "a = range(600000) b = zip(a, a)",
        "a = '" + "x" * 70_000 + "' l = range(900) m = join(l, a)",
        "a = join(range(500000), '') b = split(a, '1') c = concat(b, b, b, b)",
        "a = '" + "x" * 60_000 + "' l = split(replace(a, 'x', a), 'x')",
    ],
)
def test_what_would_be_large_is_found_out_before_it_is_made(analysed, constants: str) -> None:
    found = analysed(f"scratchpad {{ {constants} }}\nstep s {{}}").diagnostics
    assert {each.code for each in found} == {"OT008"}


def test_all_functions_together_do_so_much_and_no_more(analysed) -> None:
    uses = "\n".join(f'say "t{number}" {{ what = lower(long) }}' for number in range(2_000))
    found = analysed(f"scratchpad {{ long = join(range(1000000), '-') }}\nstep s {{ {uses} }}").diagnostics
    assert [each.code for each in found] == ["OT008"]
    assert f"{WORK:,}" in found[0].message


def test_a_function_sees_what_is_constant_by_the_time_of_its_use(program) -> None:
    made = program(
        'task table extends copy { file: str source = "raw/${file}" destination = "${stem(file)}.${upper(ext(file))}" }\n'
        "step s { table x { file = 'a/b.csv' } copy y { source = stem(table.x.destination) destination = \"y\" } }"
    )
    table, copy = made.steps[0].tasks
    assert {each.name: each.value for each in table.assignments}["destination"] == "b.CSV"
    assert copy.assignments[0].value == "b"


def test_a_task_that_is_referred_to_in_a_function_comes_first(program) -> None:
    made = program('step s { copy x { source = "a" destination = "b.c" } say y { what = ext(copy.x.destination) } }')
    assert [(edge.target, edge.reason) for edge in made.steps[0].tasks[1].after] == [("copy x", "reference")]


def test_constants_are_folded_before_the_functions_that_name_them(program) -> None:
    assert said(program, "last", "last = upper(middle) middle = join(first, '-') first = ['a', 'b']") == "A-B"


def test_constants_that_name_each_other_in_functions_are_a_circle(analysed) -> None:
    found = analysed("scratchpad { a = upper(b) b = lower(a) }\nstep s {}").diagnostics
    assert [each.code for each in found] == ["OT405"]


def test_each_function_says_how_it_is_called() -> None:
    assert {name: each.form for name, each in FUNCTIONS.items() if name in ("join", "range", "zip")} == {
        "join": "join(list, separator)",
        "range": "range([start], stop, [step])",
        "zip": "zip(list, …)",
    }


HOSTILE = st.recursive(
    st.sampled_from(["'a'", "''", "1", "-3", "1.5", "true", "null", "names", "n", "p", "secret('s')", "[]", "{}", "'${x}'", '"${p}"', "nothing"]),
    lambda inner: st.one_of(
        st.builds(
            lambda name, args: f"{name}({', '.join(args)})", st.sampled_from([*FUNCTIONS, "glob", "secret", "nope"]), st.lists(inner, max_size=4)
        ),
        st.builds(lambda items: f"[{', '.join(items)}]", st.lists(inner, max_size=3)),
        st.builds(lambda a, b: f"zip(a = {a}, b = {b})", inner, inner),
        st.builds(lambda a: f'"x${{{a}}}"'.replace('"x${"', "'").replace('"}"', "'") if '"' in a else f'"x${{{a}}}"', inner),
    ),
    max_leaves=8,
)


@given(HOSTILE)
def test_no_call_makes_anything_but_a_value_or_diagnostics(analysed_by_hand, expr: str) -> None:
    checked = analysed_by_hand(f"param p: str = 'x'\nscratchpad {{ names = ['a', 'b'] n = 3 }}\n{TASK.format(expr)}")
    assert (checked.value is None) == checked.has_errors


def test_long_texts_that_many_tasks_put_together_are_too_much_too(analysed) -> None:
    uses = "\n".join(f'say "t{number}" {{ what = "n ${{many}}" }}' for number in range(500))
    found = analysed(f"scratchpad {{ many = range(900000) }}\nstep s {{ {uses} }}").diagnostics
    assert [each.code for each in found] == ["OT008"]
