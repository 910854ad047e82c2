"""What constants fold to, and what params become."""

import pytest

WHO = "step s {{ say x {{ what = {} }} }}"


def said(program, constants: str, expr: str):
    made = program(f"param p: int = 3\nparam t: str = 'x'\nscratchpad {{ {constants} }}\n" + WHO.format(expr))
    return made.steps[0].tasks[0].assignments[0].value


@pytest.mark.parametrize(
    ("constants", "expr", "value"),
    [
        ("a = 1", "a", 1),
        ("a = 1", '"${a}"', 1),
        ("a = 1", '"v${a}"', "v1"),
        ("a = b b = c c = 'z'", "a", "z"),
        ('a = "${b}/${b}" b = "q"', "a", "q/q"),
        ("a.b = 1 a = { c = 2 }", '"${a.b}${a.c}"', "12"),
        ("a.b.c = 1 a.b = { d = 2, c = 3 }", '["${a.b.c}", a.b.d]', (1, 2)),
        ("a = 1", "p", "${p}"),
        ("a = 1", '"${p}"', "${p}"),
        ('a = "x${p}"', '"${a}/y"', "x${p}/y"),
        ("a = [p, t]", "a", ("${p}", "${t}")),
        ("a = true b = null", '"${a} ${b}"', "true null"),
        ("a = [1, 'x']", '"${a}"', (1, "x")),
        ("a = [1, 'x']", '"l ${a}"', 'l [1, "x"]'),
        ("a = { 'x y' = 1 }", "a.'x y'", 1),
        ("a = 1", '{ "k ${a}" = p, b = [a] }', {"k 1": "${p}", "b": (1,)}),
        ("a = '${p}'", "a", "$${p}"),
        ("a = 1", '"$${a} \\$"', "$${a} $"),
        ('a = "$"', '"${a}{x}"', "$${x}"),
        ("a = 2 b = a > 1 and not (a == 3)", "b", True),
        ("a = 2", "a in [1, 2]", True),
        ("a = 2", "'x' in { y = 1 } or a <= 1", False),
        ("a = 1", "true == (a != 1)", False),
    ],
)
def test_expressions_fold(program, constants, expr, value) -> None:
    assert said(program, constants, expr) == value


def test_params_keep_type_default_and_doc(program) -> None:
    made = program("# The release.\nparam a: int = n\nparam b: str?\nparam c: list[str]\nscratchpad { n = 3 }\nstep s {}")
    assert [(p.name, str(p.type), p.default, p.required, p.doc) for p in made.params] == [
        ("a", "int", 3, False, "The release."),
        ("b", "str?", None, False, ""),
        ("c", "list[str]", None, True, ""),
    ]


def test_a_number_named_becomes_text_where_only_text_fits(program) -> None:
    made = program('scratchpad { n = 3 }\nstep s { copy x { source = n destination = "${n}" } say y { what = n } }')
    first, second = made.steps[0].tasks
    assert [each.value for each in first.assignments] == ["3", "3"]
    assert second.assignments[0].value == 3


def test_values_are_asked_about_in_one_call(analysed, checker) -> None:
    analysed("pipeline p { pool_size = 3 }\nparam a: int = 1\nstep s { say x { what = 1 } say y { what = a } }")
    assert checker.calls == 1
    assert [(each.base, dict(each.values)) for each in checker.asked] == [
        (None, {"a": 1}),
        ("pipeline", {"pool_size": 3}),
        ("say", {"what": 1}),
        ("say", {"what": "${a}"}),
    ]
