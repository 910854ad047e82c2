"""What a task waits for because it reads what another writes: how it is named, and when nothing is said."""

from otterdsl.compiler.analysis.program import Subtasks


def after(task) -> list[tuple[str, str]]:
    return [(edge.target, edge.reason) for edge in task.after]


def test_what_is_said_already_is_not_said_again(tasks) -> None:
    made = tasks(
        """
        copy a { source = "x" destination = "a" }
        copy b { requires [copy.a] source = "a" destination = "b" }
        copy c { source = copy.b.destination destination = "c" }
        for e in ["1", "2"] as g { copy "${e}" { source = "x/${e}" destination = "g/${e}" } }
        copy d { requires [g] source = "g/1" destination = "d" }
        copy e { requires [copy.'2'] source = "g" destination = "e" }
        for e in ["1", "2"] { copy "f ${e}" { source = copy."${e}".destination destination = "f/${e}" } }
        """
    )
    assert after(made["copy b"]) == [("copy a", "requires")]
    assert after(made["copy c"]) == [("copy b", "reference")]
    assert after(made["copy d"]) == [("g", "requires")]
    assert after(made["copy e"]) == [("copy 2", "requires"), ("g", "data")]
    assert after(made["copy f ${e}"]) == [("copy ${e}", "reference")]


def test_the_edge_stands_where_the_input_does(program) -> None:
    text = 'step s { copy a { source = "x" destination = "a" } copy b { source = "a/y" destination = "b" } }'
    (edge,) = program(text).steps[0].tasks[1].after
    assert text[edge.span.start : edge.span.end] == '"a/y"'


def test_turns_without_a_label_are_named_one_by_one(tasks) -> None:
    made = tasks(
        """
        for e in ["1", "2", "3"] { copy "${e}" { source = "x" destination = "d/${e}" } }
        copy all { source = "d" destination = "all" }
        copy some { source = "d/[12]" destination = "some" }
        """
    )
    assert after(made["copy all"]) == [("copy 1", "data"), ("copy 2", "data"), ("copy 3", "data")]
    assert after(made["copy some"]) == [("copy 1", "data"), ("copy 2", "data")]


def test_a_label_is_left_where_it_would_close_a_circle(tasks) -> None:
    made = tasks(
        """
        for e in ["1", "2"] as g {
          copy "${e}" { source = "x" destination = "d/${e}" }
          copy "then ${e}" { source = "all/${e}" destination = "then/${e}" }
        }
        copy all { source = "d" destination = "all" }
        """
    )
    assert after(made["copy all"]) == [("copy 1", "data"), ("copy 2", "data")]
    assert after(made["copy then ${e}"]) == [("copy all", "data")]


def test_a_turn_is_not_waited_for_by_itself(tasks) -> None:
    made = tasks(
        """
        for e in ["1", "2"] { copy "${e}" { source = "d/${e}" destination = "d/${e}" } }
        copy itself { source = "i" destination = "i/x" }
        """
    )
    assert [after(task) for task in made.values()] == [[], []]


def test_paths_are_one_however_they_are_spelled(tasks) -> None:
    made = tasks(
        """
        copy a { source = "x" destination = "./a//b/" }
        copy b { source = "a/./b" destination = "b" }
        copy shipped { source = "./a/b" destination = "c" }
        copy near { source = "a/bc" destination = "d" }
        copy remote { source = "gs://a/b" destination = "gs://e//f" }
        copy other { source = "gs://e/f" destination = "g" }
        copy same { source = "gs://e//f/" destination = "h" }
        """
    )
    assert {name: after(task) for name, task in made.items() if task.after} == {
        "copy b": [("copy a", "data")],
        "copy same": [("copy remote", "data")],
    }


def test_placeholders_compare_as_text_and_wildcards_match_them(tasks) -> None:
    made = tasks(
        """
        copy a { source = "x" destination = "d/${p}.csv" }
        copy b { source = "d/${p}.csv" destination = "b" }
        copy c { source = "d/1.csv" destination = "c" }
        copy e { source = "d/*.csv" destination = "e" }
        copy f { source = "d/*.json" destination = "f" }
        """,
        "param p: int = 1",
    )
    assert [name for name, task in made.items() if task.after] == ["copy b", "copy e"]


def test_tasks_within_tasks_wait_for_siblings_and_for_the_step(tasks) -> None:
    made = tasks(
        """
        copy base { source = "x" destination = "base" }
        each_of one {
          of = [1, 2]
          do {
            copy "${each}" { source = "base" destination = "d/${each}" }
            copy "then ${each}" { source = "d/${each}" destination = "then/${each}" }
          }
        }
        each_of two { of = [1] do { copy "${each}" { source = "d/${each}" destination = "e/${each}" } } }
        copy all { source = "then" destination = "all" }
        copy glob { source = "d/*" destination = "glob" }
        """
    )
    inner = next(each for each in made["each_of one"].assignments if isinstance(each, Subtasks)).tasks
    other = next(each for each in made["each_of two"].assignments if isinstance(each, Subtasks)).tasks
    assert [after(task) for task in inner] == [[("copy base", "data")], [("copy ${each}", "data")]]
    assert [after(task) for task in other] == [[]], "what another task fills in is another thing"
    assert after(made["each_of one"]) == []
    assert after(made["copy all"]) == after(made["copy glob"]) == [("each_of one", "data")]


def test_tasks_that_exclude_each_other_do_not_wait(tasks) -> None:
    made = tasks(
        """
        if p { copy a { source = "b" destination = "a" } } else { copy b { source = "a" destination = "b" } }
        if not p { copy c { source = "a" destination = "c" } }
        copy d { source = "a" destination = "d" }
        """,
        "param p: bool = false",
    )
    assert {name: after(task) for name, task in made.items() if task.after} == {"copy d": [("copy a", "data")]}


def test_order_that_would_take_too_many_edges_is_refused(analysed) -> None:
    many = range(1_001)
    writers = " ".join(f'copy "w{n}" {{ source = "x/{n}" destination = "d/{n}" }}' for n in many)
    readers = " ".join(f'copy "r{n}" {{ source = "d" destination = "r/{n}" }}' for n in many)
    checked = analysed(f"step s {{ {writers} {readers} }}")
    assert [each.code for each in checked.diagnostics] == ["OT008"]
    assert "read what others write" in checked.diagnostics[0].message
