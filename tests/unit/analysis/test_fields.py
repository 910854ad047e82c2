"""Fields that need other fields: in any order, as many as there are, and each worked out about once."""

import pytest

from otterdsl.compiler.analysis.fields import Fields


@pytest.fixture
def evaluated(monkeypatch) -> list[str]:
    """The fields that analysis evaluates, each as often as it does."""
    names: list[str] = []
    evaluate = Fields._evaluate

    def counted(self, site, name):
        names.append(f"{site.title}.{name}")
        return evaluate(self, site, name)

    monkeypatch.setattr(Fields, "_evaluate", counted)
    return names


def copies(count: int) -> str:
    return "\n".join(f'copy t{i} {{ source = "a" destination = "d{i}" }}' for i in range(count))


def test_a_field_that_names_many_is_evaluated_once(tasks, evaluated) -> None:
    made = tasks("say z { what = [" + ", ".join(f"copy.t{i}.destination" for i in range(100)) + "] }\n" + copies(100))
    assert made["say z"].assignments[0].value == tuple(f"d{i}" for i in range(100))
    assert evaluated.count("say z.what") == 1


@pytest.mark.parametrize("step", [1, -1])
def test_a_chain_is_as_long_as_it_likes(tasks, evaluated, step: int) -> None:
    links = [f'copy t{i} {{ source = "x${{copy.t{i + 1}.source}}" destination = "d{i}" }}' for i in range(500)][::step]
    made = tasks("\n".join([*links, 'copy t500 { source = "a" destination = "e" }']))
    assert made["copy t0"].assignments[0].value == "x" * 500 + "a"
    assert len(evaluated) < 4 * 501


@pytest.mark.parametrize("count", [1, 2, 14, 15, 16, 40])
def test_a_circle_of_fields_is_found_once(analysed, count: int) -> None:
    links = [f'copy t{i} {{ source = copy.t{(i + 1) % count}.source destination = "d{i}" }}' for i in range(count)]
    checked = analysed("step s { say first { what = copy.t0.source } " + "\n".join(links) + " }")
    assert [each.code for each in checked.diagnostics] == ["OT401"]


@pytest.mark.parametrize("count", [1, 2, 16, 40])
def test_a_circle_within_a_type_is_found_once(analysed, count: int) -> None:
    assigned = " ".join(f"f{i} = f{(i + 1) % count}" for i in range(count))
    declared = " ".join(f"f{i}: str" for i in range(count))
    checked = analysed(f"task t extends say {{ {declared} {assigned} what = f0 }}\nstep s {{ t x {{}} t y {{}} }}")
    assert [each.code for each in checked.diagnostics] == ["OT405"]
