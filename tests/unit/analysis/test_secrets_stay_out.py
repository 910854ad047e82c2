"""What secrets fold to, and that a constant or a type that hands one on changes nothing about where it may stand."""

import pytest

PAD = "scratchpad { key = secret('key') pair = { a = \"x ${key}\" } list = [key] }\n"


def codes(analysed, text: str) -> list[str]:
    return [each.code for each in analysed(PAD + text).diagnostics]


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        ("secret('token')", "${secret(token)}"),
        ("secret(name = 'token')", "${secret(token)}"),
        ("\"Bearer ${secret('token')}\"", "Bearer ${secret(token)}"),
        ("key", "${secret(key)}"),
        ("pair.a", "x ${secret(key)}"),
        ("{ 'a' = list }", {"a": ("${secret(key)}",)}),
        ("'${secret(key)}'", "$${secret(key)}"),
    ],
)
def test_a_secret_is_a_placeholder(program, expr: str, value: object) -> None:
    made = program(f"{PAD}step s {{ say x {{ what = {expr} }} }}")
    assert made.steps[0].tasks[0].assignments[0].value == value


def test_a_task_that_has_a_secret_hands_it_on(program) -> None:
    made = program(PAD + "step s { say x { what = key } say y { what = say.x.what } }")
    assert made.steps[0].tasks[1].assignments[0].value == "${secret(key)}"


@pytest.mark.parametrize(
    "body",
    [
        "copy x { source = key destination = 'a' }",
        "copy x { source = 'a' destination = \"${pair.a}\" }",
        "find x { source = 'a' key = key }",
        'say "${key}" {}',
        'say x { requires ["say ${key}"] }',
        'for each in list { say "${each}" {} }',
        'for each in [pair] { say "${each.a}" {} }',
        "for each in [{ a = secret('b') }] { say \"${each.a}\" {} }",
        'for each in [1] as "${key}" { say "${each}" {} }',
        "if key == 'a' { say x {} }",
        "if secret('a') in ['b'] { say x {} }",
        "each_of x { of = ['a'] do { copy \"${each}\" { source = key destination = 'a' } } }",
        "each_of x { of = ['a'] do { say \"${each} ${key}\" { } } }",
        "say x { what = key } copy y { source = say.x.what destination = 'a' }",
    ],
)
def test_a_secret_is_refused_where_it_would_be_written_down(analysed, body: str) -> None:
    assert set(codes(analysed, f"step s {{ {body} }}")) == {"OT504"}


@pytest.mark.parametrize(
    "declared",
    [
        "task t extends copy { p: str = key source = p destination = 'a' }\nstep s { t x {} }",
        "task t extends copy { source = key destination = 'a' }\nstep s { t x {} }",
        "task t extends copy { source = key destination = 'a' }",
        "task t extends copy { other: input = key }",
        "extern task t { other: list[output] = [key] }",
        "param p: str = key",
        "pipeline p { pool_size = key }",
    ],
)
def test_a_secret_is_refused_by_way_of_declarations_too(analysed, declared: str) -> None:
    assert codes(analysed, declared) == ["OT504"]


def test_a_type_may_hand_a_secret_to_a_field_without_a_role(program) -> None:
    made = program(PAD + "task t extends say { token: str = key what = \"Bearer ${token}\" }\nstep s { t x {} t y { token = 'z' } }")
    first, second = ({each.name: each.value for each in task.assignments} for task in made.steps[0].tasks)
    assert first == {"what": "Bearer ${secret(key)}", "token": "${secret(key)}"}
    assert second == {"token": "z", "what": "Bearer z"}
    assert made.types[0].fields[0].default == "${secret(key)}"


def test_a_key_is_not_called_as_a_secret(analysed) -> None:
    assert codes(analysed, "step s { find x { source = 'a' key = 'secret(key)' } }") == ["OT207"]
