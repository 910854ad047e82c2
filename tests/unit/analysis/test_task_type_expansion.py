"""What a declared task type is, and what its uses become."""

from otterdsl.compiler.analysis.program import PythonClass


def values(task) -> dict:
    return {each.name: each.value for each in task.assignments}


MINE = """
# Of the repository.
task mine extends copy {
  file: str
  kind: str = "k"
  version: str = "${release}"
  source = "x/${kind}/${file}"
  destination = "${source}/${version}"
}
param release: str = "1"
"""


def test_assignments_follow_what_the_use_gives(tasks) -> None:
    made = tasks('mine one { file = "a" }\nmine two { version = "v" kind = "q" file = "${release}" }', MINE)
    assert list(values(made["mine one"]).items()) == [
        ("file", "a"),
        ("source", "x/k/a"),
        ("destination", "x/k/a/${release}"),
        ("version", "${release}"),
    ]
    assert values(made["mine two"]) == {
        "version": "v",
        "kind": "q",
        "file": "${release}",
        "source": "x/q/${release}",
        "destination": "x/q/${release}/v",
    }


def test_types_follow_their_bases_and_name_what_python_defines(program) -> None:
    made = program(
        'task b extends a { more: int? }\n# Of a.\ntask a extends copy { file: str }\nstep s { b x { file = "f" source = "s" destination = "d" } }'
    )
    assert [(each.name, each.base, each.doc, [(f.name, f.required) for f in each.fields]) for each in made.types] == [
        ("a", "copy", "Of a.", [("file", True)]),
        ("b", "a", "", [("more", False)]),
    ]
    assert made.classes == {"copy": PythonClass("made.copy", "Copy", "CopySpec")}


def test_declared_fields_are_checked_strictly_above_the_registered_base(analysed, checker) -> None:
    analysed('task a extends copy { rows: int }\nstep s { a x { rows = 1 source = "s" destination = "d" } }')
    request = checker.asked[-1]
    assert request.base == "copy"
    assert {name: str(kind) for name, kind in request.declared.items()} == {"rows": "int"}


def test_extern_types_say_where_their_class_is(program) -> None:
    made = program("extern task go_far from a.b { do: list[Spec] provides [x, y] }\nextern task stay { n: int = 3 }\nstep s {}")
    assert [(each.name, each.kind, each.base, each.python) for each in made.types] == [
        ("go_far", "extern", None, PythonClass("a.b", "GoFar", None)),
        ("stay", "extern", None, None),
    ]
    assert made.types[0].fields[0].provides == ("x", "y")
    assert made.types[1].fields[0].default == 3
    assert made.classes == {}


def test_inputs_of_other_folders_are_seen_from_the_entry(program) -> None:
    shared = """
      scratchpad { table = "../table.csv" }
      task local extends copy { file: str source = "./${file}" }
      step a { copy x { source = table destination = "a" } copy y { source = "./y" destination = "b" } }
    """
    made = program(
        """
        step b {
          copy x { source = table destination = "./d" }
          local y { file = "z" destination = "e" }
          copy z { source = copy.x.destination destination = "f" }
        }
        """,
        deep__er=shared,
    )
    first, second = made.steps
    assert [values(task)["source"] for task in first.tasks] == ["./table.csv", "./deep/y"]
    assert [values(task)["source"] for task in second.tasks] == ["./table.csv", "./deep/z", "d"]


def test_the_entry_says_what_the_pipeline_is(program) -> None:
    made = program("pipeline own { pool_size = 7 }\nstep b {}", other="pipeline other { pool_size = 2 }\nstep a {}")
    assert (made.name, made.file, dict(made.settings), [step.name for step in made.steps]) == ("own", "main.otter", {"pool_size": 7}, ["a", "b"])
    assert program("step a {}").name == "main"
