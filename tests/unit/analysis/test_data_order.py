"""Order that follows from what tasks read and write: which edge, by which name, and where there is none."""

import pytest

PARTS = """
  extern task fetch { url: str destination: into }
  extern task merge { sources: list[input] destination: output }
  param mode: str = "full"
"""
MAKES = 'copy a { source = "x" destination = "o/a" }'
LOOP = 'for e in ["1", "2"] as ab { copy "a ${e}" { source = "x/${e}" destination = "o/${e}" } }'


def tasks_of(analysed, tasks: str) -> dict:
    checked = analysed(f"{PARTS} step s {{ {tasks} }}")
    assert [each.message for each in checked.diagnostics if each.code not in ("OT902", "OT905", "OT906")] == []
    return {task.name: task for task in checked.value.steps[0].tasks}


def after(analysed, tasks: str, name: str = "copy z") -> list[tuple[str, str]]:
    return [(edge.target, edge.reason) for edge in tasks_of(analysed, tasks)[name].after]


@pytest.mark.parametrize("read", ["o/a", "o/a/", "o//a", "o/a/in/it", "o", "o/*", "o/?", "*/a", "**", "o/**/a", "o/[abc]"])
def test_who_reads_what_is_written_waits_for_it(analysed, read: str) -> None:
    assert after(analysed, f'copy z {{ source = "{read}" destination = "z" }} {MAKES}') == [("copy a", "data")]


@pytest.mark.parametrize("read", ["./o/a", "../o/a", "/o/a", "o/ab", "o/b", "gs://o/a", "o/*b", "o/a*b", "a", "https://x/?o=a"])
def test_who_reads_something_else_does_not(analysed, read: str) -> None:
    assert after(analysed, f'copy z {{ source = "{read}" destination = "z" }} {MAKES}') == []


def test_the_edge_has_the_place_of_what_is_read(analysed) -> None:
    text = f'step s {{ {MAKES} copy z {{ source = "o/a" destination = "z" }} }}'
    (edge,) = analysed(text).value.steps[0].tasks[1].after
    assert text[edge.span.start : edge.span.end] == '"o/a"'


def test_a_folder_that_is_written_into_holds_what_is_read_in_it(analysed) -> None:
    both = 'fetch one { url = "1" destination = "d" } fetch two { url = "2" destination = "d" }'
    assert after(analysed, f'{both} copy z {{ source = "d/f" destination = "z" }}') == [("fetch one", "data"), ("fetch two", "data")]


def test_what_is_said_already_is_not_said_again(analysed) -> None:
    assert after(analysed, f'{MAKES} copy z {{ requires [copy.a] source = "o/a" destination = "z" }}') == [("copy a", "requires")]
    assert after(analysed, f'{MAKES} copy z {{ source = copy.a.destination destination = "z" }}') == [("copy a", "reference")]
    assert after(analysed, f'{LOOP} copy z {{ requires [ab] source = "o/1" destination = "z" }}') == [("ab", "requires")]


def test_a_task_does_not_wait_for_itself(analysed) -> None:
    assert after(analysed, 'copy z { source = "z" destination = "z" }') == []


def test_params_compare_as_text(analysed) -> None:
    makes = 'copy a { source = "x" destination = "${mode}/a" }'
    assert after(analysed, f'{makes} copy z {{ source = "${{mode}}/a" destination = "z" }}') == [("copy a", "data")]
    assert after(analysed, f'{makes} copy z {{ source = "full/a" destination = "z" }}') == []


def test_a_loop_is_named_by_its_label_where_all_of_it_is_read_and_by_turns_where_not(analysed) -> None:
    assert after(analysed, f'{LOOP} copy z {{ source = "o" destination = "z" }}') == [("ab", "data")]
    assert after(analysed, f'{LOOP} copy z {{ source = "o/2" destination = "z" }}') == [("copy a 2", "data")]
    unlabelled = LOOP.replace(" as ab", "")
    assert after(analysed, f'{unlabelled} copy z {{ source = "o/*" destination = "z" }}') == [("copy a 1", "data"), ("copy a 2", "data")]


def test_a_turn_names_the_turn_that_it_reads_from(analysed) -> None:
    same = 'for e in ["1", "2"] { copy "a ${e}" { source = "x" destination = "o/${e}" } copy "z ${e}" { source = "o/${e}" destination = "z/${e}" } }'
    assert after(analysed, same, "copy z ${e}") == [("copy a ${e}", "data")]
    other = 'for f in ["2", "1"] { copy "z ${f}" { source = "o/${f}" destination = "z/${f}" } }'
    assert after(analysed, LOOP + other, "copy z ${f}") == [("copy a ${f}", "data")]


def test_branches_of_an_if_do_not_wait_for_each_other(analysed) -> None:
    branches = 'if mode == "full" { copy a { source = "z" destination = "a" } } else { copy z { source = "a" destination = "z" } }'
    assert after(analysed, branches) == after(analysed, branches, "copy a") == []


def test_tasks_that_an_if_may_leave_out_are_waited_for(analysed) -> None:
    assert after(analysed, f'if mode == "full" {{ {MAKES} }} copy z {{ source = "o/a" destination = "z" }}') == [("copy a", "data")]
    assert after(analysed, f'if false {{ {MAKES} }} copy z {{ source = "o/a" destination = "z" }}') == []


def test_tasks_within_tasks_wait_for_siblings_and_for_those_of_the_step(analysed) -> None:
    inner = 'copy "i ${each}" { source = "o/a" destination = "i/${each}" } copy "j ${each}" { source = "i/${each}" destination = "j/${each}" }'
    made = tasks_of(analysed, f'{MAKES} each_of x {{ of = ["p"] do {{ {inner} }} }} copy z {{ source = "j/*" destination = "z" }}')
    first, second = made["each_of x"].assignments[1].tasks
    assert [(edge.target, edge.reason) for edge in first.after] == [("copy a", "data")]
    assert [(edge.target, edge.reason) for edge in second.after] == [("copy i ${each}", "data")]
    assert made["each_of x"].after == ()
    assert [edge.target for edge in made["copy z"].after] == ["each_of x"]


def test_a_file_that_a_task_within_a_task_names_by_a_placeholder_is_not_known_outside(analysed) -> None:
    do = 'each_of x { of = ["p"] do { copy "i ${each}" { source = "x" destination = "i/${each}" } } }'
    assert after(analysed, f'{do} copy z {{ source = "i" destination = "z" }}') == [("each_of x", "data")]
    assert after(analysed, f'{do} copy z {{ source = "i/p" destination = "z" }}') == []


def test_a_circle_of_what_is_read_is_drawn(analysed) -> None:
    (only,) = analysed('step s { copy a { source = "b" destination = "a" } copy b { source = "a" destination = "b" } }').diagnostics
    assert (only.code, only.label) == ("OT401", "`copy a` reads what `copy b` writes")
    assert [each.text for each in only.related] == ["`copy b` reads what `copy a` writes"]


def test_turns_that_read_from_each_other_in_a_row_are_no_circle(analysed) -> None:
    chain = 'for p in [{ i = "1", o = "2" }, { i = "2", o = "3" }] { copy "z ${p.i}" { source = "o/${p.i}" destination = "o/${p.o}" } }'
    assert after(analysed, chain, "copy z ${p.i}") == []


def test_what_would_close_a_circle_that_the_turns_do_not_have_is_left_out(analysed) -> None:
    loop = 'for e in ["1", "2"] { copy "a ${e}" { source = "r/${e}" destination = "o/${e}" } }'
    text = f'{loop} copy z {{ source = "o/1" destination = "r/2" }}'
    assert after(analysed, text) == [("copy a 1", "data")]
    assert after(analysed, text, "copy a ${e}") == []
