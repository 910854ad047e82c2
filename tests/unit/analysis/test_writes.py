"""What tasks write over each other, by path: which finding, where, once, and what is none."""

import pytest

PARTS = """
  extern task fetch { url: str kind: str? = null destination: into }
  extern task pair { first: input second: input outputs: list[output] }
  task curated extends copy { file: str source = "gs://curated/${file}" destination = "curated/${file}" }
  param mode: str = "full"
  param where: str = "here"
"""


def findings(analysed, steps: str) -> list:
    return [each for each in analysed(PARTS + steps).diagnostics if each.code.startswith("OT4")]


def told(analysed, steps: str) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in findings(analysed, steps)]


def codes(analysed, tasks: str) -> list[str]:
    return [each.code for each in findings(analysed, f"step s {{ {tasks} }}")]


def test_two_tasks_that_write_one_file_are_an_error_with_both_places(analysed) -> None:
    text = PARTS + 'step s { copy x { source = "a" destination = "f" } copy y { source = "b" destination = "f" } }'
    (only,) = analysed(text).diagnostics
    assert (only.code, only.message) == ("OT406", "`copy y` writes over what `copy x` writes: `f` is the destination of both")
    assert (only.label, only.help) == ("written by `copy x` too", "give one of them another destination")
    first, second = text.index('"f"'), text.rindex('"f"')
    assert only.span.start == second
    names = [(text.rindex("y {"), "this is `copy y`"), (text.rindex("x {"), "this is `copy x`")]
    assert [(each.span.start, each.text) for each in only.related] == [(first, "`copy x` writes it here"), *names]


@pytest.mark.parametrize("path", ["./f/g", "f//g", "f/./g", "f/g/", ".//f/g"])
def test_a_path_is_the_same_however_it_is_spelled(analysed, path: str) -> None:
    assert codes(analysed, f'copy x {{ source = "a" destination = "f/g" }} copy y {{ source = "b" destination = "{path}" }}') == ["OT406"]


@pytest.mark.parametrize(
    ("one", "other"), [("f/g", "/f/g"), ("f/g", "f/h"), ("f/g", "f"), ("f", "F"), ("gs://f//g", "gs://f/g"), ("${where}", "where")]
)
def test_other_paths_are_other_files(analysed, one: str, other: str) -> None:
    assert codes(analysed, f'copy x {{ source = "a" destination = "{one}" }} copy y {{ source = "b" destination = "{other}" }}') == []


def test_one_file_from_one_source_is_a_warning_and_so_are_tasks_that_are_the_same(analysed) -> None:
    assert codes(analysed, 'copy x { source = "a" destination = "f" } copy y { source = "a" destination = "f" }') == ["OT407"]
    assert codes(analysed, 'copy x { source = "a" destination = "f" } copy y { requires [copy.x] source = "a" destination = "f" }') == ["OT408"]
    assert codes(analysed, 'curated x { file = "f" } copy y { source = "gs://curated/f" destination = "curated/f" }') == ["OT408"]
    assert codes(analysed, 'curated x { file = "f" } copy y { source = "b" destination = "curated/f" }') == ["OT406"]


def test_the_inputs_of_a_task_are_all_that_it_reads(analysed) -> None:
    two = 'pair x {{ first = "a" second = "b" outputs = ["f", "g"] }} pair y {{ first = "{}" second = "{}" outputs = ["{}"] }}'
    assert codes(analysed, two.format("a", "c", "g")) == ["OT406"]
    assert codes(analysed, two.format("a", "b", "g")) == ["OT408"]
    assert codes(analysed, two.format("a", "c", "h")) == []


def test_a_task_that_names_one_file_twice_does_not_collide_with_itself(analysed) -> None:
    assert codes(analysed, 'pair x { first = "a" second = "b" outputs = ["f", "./f"] }') == []


def test_turns_of_a_loop_collide_with_each_other_and_are_told_once(analysed) -> None:
    (only,) = findings(analysed, 'step s { for n in [1, 2, 3] { copy "x ${n}" { source = "a/${n}" destination = "f" } } }')
    assert (only.code, only.message) == ("OT406", "`copy x 3` writes over what `copy x 1` writes: `f` is the destination of both")
    assert only.label == "written by `copy x 1` too, where `n` is `3`"
    others = ["`copy x 1` writes it here, where `n` is `1`", "`copy x 2` writes it here, where `n` is `2`"]
    assert [each.text for each in only.related] == [*others, "this is `copy x 1`"]


def test_two_loops_that_collide_in_many_files_are_told_once(analysed) -> None:
    loop = 'for n in [1, 2, 3, 4] {{ copy "{0} ${{n}}" {{ source = "{0}/${{n}}" destination = "f/${{n}}" }} }}'
    (only,) = findings(analysed, f"step s {{ {loop.format('x')} {loop.format('y')} }}")
    message = "`copy y 1` writes over what `copy x 1` writes: `f/1` is the destination of both (3 other files the same way)"
    assert (only.code, only.message) == ("OT406", message)


def test_related_places_are_a_few_and_the_rest_is_counted(analysed) -> None:
    tasks = " ".join(f'copy x{n} {{ source = "a{n}" destination = "f" }}' for n in range(20))
    (only,) = findings(analysed, f"step s {{ {tasks} }}")
    assert len(only.related) == 8
    assert only.related[5].text == "`copy x5` writes it here; 13 more tasks besides"


def test_a_loop_over_items_that_say_where_to_write_is_looked_at_turn_by_turn(analysed) -> None:
    loop = 'for p in [{{ n = 1, to = "f" }}, {{ n = 2, to = "{}" }}] {{ copy "x ${{p.n}}" {{ source = "a/${{p.n}}" destination = "g/${{p.to}}" }} }}'
    assert codes(analysed, loop.format("g")) == []
    assert codes(analysed, loop.format("f")) == ["OT406"]


BRANCHES = [
    'if mode == "full" { A } else { B }',
    'if mode == "full" { A } else if mode == "half" { B }',
    'if mode == "full" { A } if mode == "half" { B }',
    'if mode == "full" { A } if mode != "full" { B }',
    'if mode == "full" { A } if not (mode == "full") { B }',
    'if mode == "full" { if where == "x" { A } } else { if where == "x" { B } }',
    "if false { A } B",
    "A if false { B }",
]


@pytest.mark.parametrize("branches", BRANCHES)
def test_tasks_that_exclude_each_other_do_not_collide(analysed, branches: str) -> None:
    one, other = 'copy x { source = "a" destination = "f" }', 'copy y { source = "b" destination = "f" }'
    assert codes(analysed, branches.replace("A", one).replace("B", other)) == []


@pytest.mark.parametrize(
    "branches",
    [
        'if mode == "full" { A } B',
        'if mode == "full" { A } if where == "full" { B }',
        'if mode == "full" { A } if mode != "half" { B }',
        "if true { A } B",
    ],
)
def test_tasks_that_a_run_can_have_together_collide_though_an_if_is_around_them(analysed, branches: str) -> None:
    one, other = 'copy x { source = "a" destination = "f" }', 'copy y { source = "b" destination = "f" }'
    assert codes(analysed, branches.replace("A", one).replace("B", other)) == ["OT406"]


def test_a_third_task_collides_with_both_branches(analysed) -> None:
    tasks = 'if mode == "a" { copy x { source = "a" destination = "f" } } else { copy y { source = "b" destination = "f" } }'
    (only,) = findings(analysed, f'step s {{ {tasks} copy z {{ source = "c" destination = "f" }} }}')
    assert (only.code, only.message.partition(":")[0]) == ("OT406", "`copy z` writes over what `copy x` writes")


def test_tasks_share_a_folder_that_they_write_into(analysed) -> None:
    assert codes(analysed, 'fetch x { url = "a" destination = "d" } fetch y { url = "a" kind = "k" destination = "d" }') == []
    assert codes(analysed, 'fetch x { url = "a" destination = "d" } copy y { source = "b" destination = "d" }') == []
    assert codes(analysed, 'fetch x { url = "a" destination = "d" } fetch y { url = "a" destination = "d/" }') == ["OT407"]


def test_params_in_paths_compare_as_text(analysed) -> None:
    tasks = 'copy x {{ source = "a" destination = "${{where}}/f" }} copy y {{ source = "b" destination = "{}/f" }}'
    assert codes(analysed, tasks.format("${where}")) == ["OT406"]
    assert codes(analysed, tasks.format("${mode}")) == []
    assert codes(analysed, tasks.format("here")) == []


def test_what_a_task_fills_in_is_another_thing_in_each_field_of_tasks(analysed) -> None:
    do = 'each_of {0} {{ of = ["p", "q"] do {{ copy "{0} ${{each}}" {{ source = "{0}/${{each}}" destination = "f/${{each}}" }} }} }}'
    assert codes(analysed, do.format("one") + do.format("two")) == []
    tasks = " ".join(f'copy "{n} ${{each}}" {{ source = "{n}/${{each}}" destination = "f/${{each}}" }}' for n in "ab")
    assert codes(analysed, f'each_of one {{ of = ["p", "q"] do {{ {tasks} }} }}') == ["OT406"]


def test_a_file_of_a_task_within_a_task_is_the_steps_file(analysed) -> None:
    do = 'each_of one { of = ["p"] do { copy "in ${each}" { source = "${each}" destination = "f" } } }'
    assert codes(analysed, f'{do} copy x {{ source = "b" destination = "f" }}') == ["OT406"]


def test_a_file_written_in_two_steps_is_told_once(analysed) -> None:
    steps = " ".join(
        f'step s{n} {{ copy x {{ source = "a{n}" destination = "f" }} copy y {{ source = "b{n}" destination = "g" }} }}' for n in range(2)
    )
    assert told(analysed, steps) == [
        ("OT409", "`f` is written in step `s1` and in `s0` too"),
        ("OT409", "`g` is written in step `s1` and in `s0` too"),
    ]
    loops = " ".join(f'step s{n} {{ for k in [1, 2] {{ copy "x ${{k}}" {{ source = "{n}" destination = "f/${{k}}" }} }} }}' for n in range(2))
    assert told(analysed, loops) == [("OT409", "`f/1` is written in step `s1` and in `s0` too (1 other file the same way)")]


def test_steps_share_folders_and_what_excludes_each_other(analysed) -> None:
    assert told(analysed, 'step s { fetch x { url = "a" destination = "d" } } step t { fetch x { url = "b" destination = "d" } }') == []
    assert [
        code for code, _ in told(analysed, 'step s { fetch x { url = "a" destination = "d" } } step t { fetch y { url = "a" destination = "d" } }')
    ] == ["OT409"]
    step = 'step NAME { if mode == "WHEN" { copy x { source = "NAME" destination = "f" } } }'
    full, half = step.replace("NAME", "s").replace("WHEN", "full"), step.replace("NAME", "t").replace("WHEN", "half")
    assert told(analysed, full + half) == []
    assert [code for code, _ in told(analysed, full + half.replace("half", "full"))] == ["OT409"]


def test_what_tasks_store_says_nothing_of_another_step(analysed) -> None:
    step = 'step {} {{ find it {{ source = "a" key = "k" }} copy x {{ source = "{}" destination = "f/${{k}}" }} }}'
    assert told(analysed, step.format("s", "a") + step.format("t", "b")) == []


def test_a_task_that_is_wrong_already_is_not_reported_again(analysed) -> None:
    found = [
        each.code
        for each in analysed('step s { copy x { source = "a" destination = "f" } copy y { source = "${nope}" destination = "f" } }').diagnostics
    ]
    assert found == ["OT501"]


def test_long_paths_are_shown_whole(analysed) -> None:
    path = "/".join(["a folder of curated mappings"] * 4) + "/mapping.csv"
    ((_, message),) = told(
        analysed, f'step s {{ copy x {{ source = "a" destination = "{path}" }} copy y {{ source = "b" destination = "{path}" }} }}'
    )
    assert f"`{path}`" in message
    longer = path * 4
    ((_, message),) = told(
        analysed, f'step s {{ copy x {{ source = "a" destination = "{longer}" }} copy y {{ source = "b" destination = "{longer}" }} }}'
    )
    assert longer not in message
    assert "…" in message
    assert longer[-80:] in message
