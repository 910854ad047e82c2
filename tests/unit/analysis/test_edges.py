"""What a task waits for, and why."""

import pytest


def after(task) -> list[tuple[str, str]]:
    return [(edge.target, edge.reason) for edge in task.after]


def values(task) -> list:
    return [each.value for each in task.assignments]


def test_references_order_and_carry_values(tasks) -> None:
    made = tasks(
        """
        find atlas { source = "gs://x" }
        find keyed { source = "gs://y" key = "latest_${n}" }
        copy one { source = find.atlas destination = "a" }
        copy two { source = "${latest_3}/z" destination = "${copy.one.destination}/b" }
        copy three { source = find.keyed destination = "${copy.one.source} ${find.keyed.key}" }
        """,
        "scratchpad { n = 3 }",
    )
    assert after(made["copy one"]) == [("find atlas", "reference")]
    assert values(made["copy one"]) == ["${find atlas}", "a"]
    assert after(made["copy two"]) == [("find keyed", "reference"), ("copy one", "reference")]
    assert values(made["copy two"]) == ["${latest_3}/z", "a/b"]
    assert after(made["copy three"]) == [("find keyed", "reference"), ("copy one", "reference")]
    assert values(made["copy three"]) == ["${latest_3}", "${find atlas} latest_3"]


def test_requires_of_blocks_come_first_and_nothing_twice(tasks) -> None:
    made = tasks(
        """
        say a {}
        say b {}
        for each in ["x", "y"] as g {
          requires [say.a]
          say "${each}" { requires [say.b, say.a, "say b"] }
        }
        say last { requires [g, "say x"] what = say.a.what }
        """
    )
    assert after(made["say ${each}"]) == [("say a", "requires"), ("say b", "requires")]
    assert after(made["say last"]) == [("g", "requires"), ("say x", "requires"), ("say a", "reference")]
    assert values(made["say last"]) == ["world"]


def test_steps_before_are_no_tasks(program) -> None:
    made = program('step a { say x {} }\nstep b { requires [a] say y {} }\nstep c { requires ["b", a, a] }')
    assert [step.requires for step in made.steps] == [(), ("a",), ("b", "a")]
    assert after(made.steps[1].tasks[0]) == []


def test_what_a_constant_leaves_out_is_waited_for_by_nobody(tasks) -> None:
    made = tasks("if false { say gone {} } else { say kept {} }\nsay last { requires [say.gone, say.kept] }")
    assert list(made) == ["say kept", "say last"]
    assert made["say kept"].when is None
    assert after(made["say last"]) == [("say kept", "requires")]


def test_turns_refer_to_turns_of_other_loops(tasks) -> None:
    made = tasks(
        """
        for a in l { copy "${a.n} in" { source = "s/${a.n}" destination = "d/${a.n}/${a.n}" } }
        for b in l {
          copy "${b.n} out" { source = copy."${b.n} in".destination destination = "o/${b.n}" }
          say "${b.n}" { what = copy."${b.n} in".source }
          copy "fixed ${b.n}" { source = copy.'y in'.destination destination = "f/${b.n}" }
        }
        """,
        'scratchpad { l = [{ n = "x" }, { n = "y" }] }',
    )
    assert values(made["copy ${b.n} out"]) == ["d/${b.n}/${b.n}", "o/${b.n}"]
    assert values(made["say ${b.n}"]) == ["s/${b.n}"]
    assert after(made["copy ${b.n} out"]) == [("copy ${b.n} in", "reference")]
    assert values(made["copy fixed ${b.n}"]) == ["d/y/y", "f/${b.n}"]
    assert after(made["copy fixed ${b.n}"]) == [("copy y in", "reference")]


def test_a_key_stored_in_turns_leads_to_its_turn(tasks) -> None:
    made = tasks('for e in ["x", "y"] { find "${e}" { source = e key = "k_${e}" } }\ncopy z { source = "${k_y}" destination = find.x }')
    assert after(made["copy z"]) == [("find y", "reference"), ("find x", "reference")]
    assert values(made["copy z"]) == ["${k_y}", "${k_x}"]


def test_a_key_that_two_tasks_store_waits_for_both(tasks) -> None:
    made = tasks('find a { source = "x" key = "k" }\nfind b { source = "x" key = "k" }\nsay c { what = k }')
    assert after(made["say c"]) == [("find a", "reference"), ("find b", "reference")]


@pytest.mark.parametrize("length", [3, 5000])
def test_chains_are_as_long_as_they_like(program, length) -> None:
    body = "\n".join(f'copy t{i} {{ source = copy.t{i + 1}.source destination = "d{i}" }}' for i in range(length))
    made = program(f'step s {{ {body}\ncopy t{length} {{ source = "origin" destination = "d" }} }}')
    assert made.steps[0].tasks[0].assignments[0].value == "origin"


def test_tasks_within_tasks_see_siblings_and_the_step(tasks) -> None:
    made = tasks(
        """
        find f { source = "x" }
        each_of l {
          of = [1, 2]
          do {
            copy "${each}" { source = find.f destination = "d/${each}" }
            copy "then ${each}" { requires [find.f] source = copy."${each}".destination destination = "e" }
          }
        }
        """
    )
    assert after(made["each_of l"]) == []
    first, second = made["each_of l"].assignments[1].tasks
    assert (first.name, after(first), values(first)) == ("copy ${each}", [("find f", "reference")], ["${find f}", "d/${each}"])
    assert after(second) == [("find f", "requires"), ("copy ${each}", "reference")]
    assert values(second) == ["d/${each}", "e"]


def test_tasks_within_a_looped_task_share_its_turn(tasks) -> None:
    made = tasks(
        """
        for s in ["p", "q"] {
          each_of "l ${s}" {
            of = [1, 2]
            do {
              copy "in ${each}" { source = "${s}/${each}" destination = "d/${each}" }
              copy "out ${each}" { source = copy."in ${each}".source destination = "e/${each}" }
              for n in [1, 2] {
                copy "${n} ${each}" { source = "${s}/${n}" destination = "f/${n}/${each}" }
                copy "${n} then ${each}" { source = copy."${n} ${each}".source destination = "g/${n}/${each}" }
              }
            }
          }
        }
        """
    )
    first, second, third, fourth = made["each_of l ${s}"].assignments[1].tasks
    assert values(second)[0] == values(first)[0] == "${s}/${each}"
    assert values(fourth)[0] == values(third)[0] == "${s}/${n}"
