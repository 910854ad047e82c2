"""The form of findings: places, related places, suggestions, each mistake once."""

import pytest

from otterdsl.compiler.analysis.graphs import components, shortest_cycle
from otterdsl.compiler.analysis.inputs import seen_from_entry


def found(analysed, text: str) -> list:
    checked = analysed(text)
    assert checked.value is None
    return list(checked.diagnostics)


def test_an_unknown_field_has_its_type_and_a_fix(analysed) -> None:
    text = 'step s { copy x { source = "a" destnation = "b" } }'
    (only,) = found(analysed, text)
    assert (only.code, only.message) == ("OT204", "unknown field `destnation` for task type `copy`")
    assert text[only.span.start : only.span.end] == "destnation"
    assert only.label == "not a field of `copy`"
    assert only.help == "did you mean `destination`?"
    assert [(text[label.span.start : label.span.end], label.text) for label in only.related] == [("copy", "this is `copy`, defined in made.copy")]
    (fix,) = only.fixes
    assert (fix.title, fix.applicability, fix.edits[0].text) == ("rename to `destination`", "safe", "destination")


def test_a_field_given_besides_is_not_what_an_unknown_one_was_meant_to_be(analysed) -> None:
    (only,) = found(analysed, 'step s { copy x { source = "a" destnation = "b" destination = "c" } }')
    assert (only.code, only.help, only.fixes) == ("OT204", "its fields are `source` and `destination`", ())


def test_a_name_that_failed_is_not_reported_again(analysed) -> None:
    text = """
      scratchpad { a = "${nope}" b = "${a}" c = [b] }
      step s {
        for e in c { copy "${e}" { source = e destination = b } }
        copy x { source = "${a}${b}" destination = c }
        copy y { source = copy.x.source destination = copy.x.destination }
        if a == b { copy z { source = "s" destination = "d" } }
      }
    """
    assert [each.message for each in found(analysed, text)] == ["nothing can fill in `${nope}`"]


def test_a_mistake_in_a_type_is_reported_once_for_all_uses(analysed) -> None:
    text = 'task t extends copy { source = "${nope}" }\nstep s { t a { destination = "a" } t b { destination = "b" } }'
    assert [each.code for each in found(analysed, text)] == ["OT501"]


def test_a_long_cycle_is_cut_where_it_is_drawn(analysed) -> None:
    body = " ".join(f"say t{i} {{ requires [say.t{(i + 1) % 100}] }}" for i in range(100))
    (only,) = found(analysed, f"step s {{ {body} }}")
    assert only.code == "OT401"
    assert "→ 88 more → `say t0`" in only.message
    assert len(only.related) == 11


def test_warnings_leave_a_program(analysed) -> None:
    checked = analysed('extern task t { do: list[Spec] }\nstep s { t x { do { say "${it}" {} } } }')
    assert [each.code for each in checked.diagnostics] == ["OT502"]
    assert checked.value is not None


@pytest.mark.parametrize(
    ("path", "folder", "seen"),
    [
        ("./x", "a", "./a/x"),
        ("../x", "a", "./x"),
        ("../x", "a/b", "./a/x"),
        ("../../x", "a", "../x"),
        ("./../${y}/z", "a", "./${y}/z"),
        ("./x", "../a", "../a/x"),
        ("./", "a", "./a/"),
    ],
)
def test_paths_move_with_their_file(path, folder, seen) -> None:
    assert seen_from_entry(path, folder) == seen


def test_components_are_found_without_recursion() -> None:
    count = 50_000
    ring = [[(node + 1) % count] for node in range(count)]
    assert components(ring) == [list(range(count))]
    assert components([[1], [2], []]) == []
    assert components([[0], [2], [1], [1, 3]]) == [[0], [1, 2], [3]]
    assert shortest_cycle([1, 2, 3], [[], [2], [1, 3], [1]]) == [1, 2]


@pytest.mark.parametrize(
    ("target", "mend", "fix"),
    [
        ("copy.mondoo", "did you mean `copy.mondo`?", "copy.mondo"),
        ("copy.'the same'", "did you mean `copy.'the name'`?", "copy.'the name'"),
        ('"copy mondoo"', "did you mean `copy mondo`?", None),
        ("say.mondo", "did you mean `copy.mondo`?", "copy.mondo"),
        ("copi.mondo", "did you mean `copy.mondo`?", "copy.mondo"),
        ("copy.x", "", None),
        ("mondo", "did you mean `copy.mondo`?", "copy.mondo"),
        ("looop", "did you mean `loop`?", "loop"),
        ("fist", "", None),
    ],
)
def test_the_task_that_was_meant(analysed, target: str, mend: str, fix: str | None) -> None:
    text = f"""
      step first {{ copy q {{ source = "a" destination = "q" }} }}
      step s {{
        copy mondo {{ source = "a" destination = "b" }}
        copy "the name" {{ source = "a" destination = "c" }}
        copy y {{ source = "a" destination = "d" }}
        for e in ["a", "b"] as loop {{ say "in ${{e}}" {{}} }}
        say that {{ requires [{target}] }}
      }}
    """
    (only,) = found(analysed, text)
    assert (only.code, only.help) == ("OT203", mend)
    assert text[only.span.start : only.span.end] == target
    assert [edit.text for each in only.fixes for edit in each.edits] == ([] if fix is None else [fix])


def test_a_misspelled_step_is_recognised_where_steps_may_stand(analysed) -> None:
    (only,) = found(analysed, "step first { say a {} }\nstep s { requires [fist] say b {} }")
    assert (only.code, only.message, only.help) == ("OT203", "no step, task or group `fist`", "did you mean `first`?")


@pytest.mark.parametrize(("word", "meant"), [("True", "true"), ("FALSE", "false"), ("None", "null"), ("nil", "null")])
def test_words_of_other_languages_are_recognised(analysed, word: str, meant: str) -> None:
    (only,) = found(analysed, f"step s {{ say a {{ what = {word} }} }}")
    assert (only.code, only.help) == ("OT202", f"did you mean `{meant}`?")


def test_all_variables_that_a_label_lacks_are_named(analysed) -> None:
    (only,) = found(analysed, "step s { for a in [1, 2] { for b in [3, 4] { say x {} } } }")
    assert (only.code, only.help) == ("OT211", 'put the variables into the label: `"… ${a} ${b}"`')


@pytest.mark.parametrize("reference", ["what = say.b", "what = say.b.what", "requires [say.b]", 'what = "${say.b.what}"'])
def test_a_task_of_another_step_is_said_to_be_there(analysed, reference: str) -> None:
    text = f"param on: bool = true\nstep first {{ if on {{ say b {{}} }} }}\nstep second {{ say c {{ {reference} }} say bb {{}} }}"
    found = analysed(text).diagnostics
    assert [each.code for each in found] == ["OT203"]
    assert found[0].help.startswith("`say b` is in step `first`; a reference sees its own step")
    assert found[0].fixes == ()


def test_a_task_within_a_task_of_another_step_is_none_to_name(analysed) -> None:
    found = analysed(
        "extern task many { do: list[Spec] }\nstep first { many x { do { say b {} } } }\nstep second { say c { what = say.b } }"
    ).diagnostics
    assert [(each.code, each.help) for each in found] == [("OT203", "")]
