"""What `${'a key'}` stands for: a plain text in an interpolation is the name of a key."""

import pytest


@pytest.mark.parametrize(
    ("constants", "expr", "value"),
    [
        ("'a b' = 1", """ "${'a b'}" """, 1),
        ("'a b' = 1", """ "v${'a b'}" """, "v1"),
        ("'a b.c-d' = 'x'", """ "${'a b.c-d'}" """, "x"),
        ("'a b' = { c = { 'd e' = 2 } }", """ "${'a b.c.d e'}" """, 2),
        ("a = { 'b.c' = 1 } 'a.b' = { c = 2 }", """ "${'a.b.c'}" """, 2),
        ("a.b = 1 a = { b = 2 }", """ "${'a.b'}" """, 1),
        ("a = 1", """ "${'a'}" """, 1),
        ("'a b' = { c = 1 }", """ "${'a b'}" """, {"c": 1}),
        ("x = \"${'y z'}\" 'y z' = \"${'w w'}!\" 'w w' = 'q'", "x", "q!"),
        ("x = \"${'m m.k'}\" 'm m' = { k = 4 }", "x", 4),
        ("'a b' = 1", """ \"\"\"${"a b"} and ${'a b'}\"\"\" """, "1 and 1"),
        ("'a b' = 1", """ "${['a b']}" """, ("a b",)),
        ("'a b' = 1", "['a b']", ("a b",)),
        ("'{' = 1", """ "${'{'}" """, 1),
    ],
)
def test_a_text_names_a_scratchpad_key(program, constants, expr, value) -> None:
    made = program(f"scratchpad {{ {constants} }}\nstep s {{ say x {{ what = {expr} }} }}")
    assert made.steps[0].tasks[0].assignments[0].value == value


@pytest.mark.parametrize(
    ("stores", "named", "target"),
    [
        ("find a { source = 'u' key = 'k k' }", "k k", "find a"),
        ("find a { source = 'u' key = 'k.l-m' }", "k.l-m", "find a"),
        ("find 'a b' { source = 'u' }", "find a b", "find a b"),
        ("find a { source = 'u' }", "find a", "find a"),
        ("find a { source = 'u' key = null }", "find a", "find a"),
        ("for i in ['p', 'q'] { find \"a ${i}\" { source = i } }", "find a q", "find a q"),
        ("for i in ['p', 'q'] { find \"a ${i}\" { source = i key = \"k ${i}\" } }", "k p", "find a p"),
    ],
)
def test_a_text_names_what_a_task_of_the_step_stores(tasks, stores, named, target) -> None:
    said = tasks(f"{stores}\nsay x {{ what = \"${{'{named}'}}\" }}")["say x"]
    assert said.assignments[0].value == f"${{{named}}}"
    assert [(edge.target, edge.reason) for edge in said.after] == [(target, "reference")]


def test_a_text_names_what_a_task_around_fills_in(tasks) -> None:
    body = """each_of x { of = [1, 2] called = 'it is' do { say "${'it is'} a" { what = "${'it is'}" } } }"""
    inner = tasks(body)["each_of x"].assignments[-1].tasks[0]
    assert (inner.name, inner.assignments[0].value) == ("say ${it is} a", "${it is}")


def test_the_members_of_what_is_filled_in_have_names_of_any_kind(tasks) -> None:
    inner = tasks("""each_of x { of = [1, 2] do { say "${each}" { what = "${'each.a b'}" } } }""")["each_of x"].assignments[-1].tasks[0]
    assert inner.assignments[0].value == "${each.a b}"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("""say x { what = "${'no such'}" }""", "no such"),
        ("""say x { what = "a ${'copy.y'}" }""", "copy.y"),
        ("""say x { what = "${''}" }""", ""),
        ("""say x { what = "${'p'}" }""", "p"),
        ("""for i in ['a'] { say "${i}" { what = "${'i'}" } }""", "i"),
        ("""for i in ['a'] { say "${i}" { what = "${'i.b'}" } }""", "i.b"),
        ("""say x { what = "${'i'}" scratchpad_ignore_missing = true } for i in [] { }""", None),
        ("""for i in ['a'] { say "${i}" { what = "${'i.b'}" scratchpad_ignore_missing = true } }""", "i.b"),
        ("""say x { what = "${'a{b'}" scratchpad_ignore_missing = true }""", "a{b"),
        ("""say "${'no such'}" {}""", "no such"),
        ("""say x { what = "${'find a'}" } find a { source = 'u' key = 'k' }""", "find a"),
    ],
)
def test_an_unknown_text_is_a_placeholder_that_nothing_can_fill(analysed, body, name) -> None:
    use = "say uses { what = p }"
    found = analysed(f"param p: int = 1\nstep s {{ copy y {{ source = 'u' destination = 'd' }} {body} {use} }}").diagnostics
    assert [(each.code, each.message) for each in found] == ([] if name is None else [("OT501", f"nothing can fill in `${{{name}}}`")])


def test_a_key_is_suggested_where_one_is_nearly_called_so(analysed) -> None:
    found = analysed("scratchpad { 'my key' = 1 }\nstep s { say x { what = \"${'my kez'}\" } }").diagnostics
    assert [(each.code, each.help) for each in found] == [("OT501", "did you mean `my key`?")]


def test_an_unknown_text_stays_a_placeholder_where_the_task_says_so(tasks) -> None:
    assert tasks("""say x { what = "${'no such'}!" scratchpad_ignore_missing = true }""")["say x"].assignments[0].value == "${no such}!"


def test_keys_that_name_each_other_in_a_circle_are_reported(analysed) -> None:
    found = analysed("scratchpad { 'a a' = \"${'b b'}\" 'b b' = \"${'a a'}\" }\nstep s { say x { what = 1 } }").diagnostics
    assert [(each.code, each.message) for each in found] == [("OT405", "scratchpad keys name each other in a circle: `a a` → `b b` → `a a`")]


def test_a_relative_input_named_by_a_text_is_seen_from_its_own_file(program) -> None:
    made = program("step s { copy x { source = \"${'in put'}\" destination = 'd' } }", sub__given="scratchpad { 'in put' = './a.csv' }")
    assert made.steps[0].tasks[0].assignments[0].value == "./sub/a.csv"
