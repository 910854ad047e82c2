import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otterdsl.compiler.codegen.names import class_name, folder_name, local_name, module_name


def six(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:6]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("copy atlas", "CopyAtlas"),
        ("find_latest atlas", "FindLatestAtlas"),
        ("copy ${each} genes", "CopyEachGenes"),
        ("copy AZ parquet (binary)", "CopyAZParquetBinary"),
        ("copy 1", "Copy1"),
        ("copy 文件", "Copy"),
    ],
)
def test_a_class_is_camel_case_of_the_ascii_words(name: str, expected: str) -> None:
    assert class_name(name, ()) == expected


@pytest.mark.parametrize(
    ("name", "start"),
    [("文件", ""), ("_", ""), ("1 x", "_1X"), ("true", "True"), ("none", "None"), ("spec", "Spec"), ("all of", "AllOf"), ("copy x", "CopyX")],
)
def test_a_name_that_will_not_do_gets_a_hash(name: str, start: str) -> None:
    found = class_name(name, {"CopyX"})
    assert found == f"{start}_{six(name)}"
    assert found.isidentifier()


def test_a_class_whose_hash_is_taken_too_gets_a_longer_one() -> None:
    taken = {"CopyX", f"CopyX_{six('copy x')}"}
    assert class_name("copy x", taken) == f"CopyX_{hashlib.sha256(b'copy x').hexdigest()[:7]}"


def test_a_long_name_is_cut_and_told_apart_by_its_hash() -> None:
    one, other = (class_name("copy " + "x" * 500 + end, ()) for end in "ab")
    assert len(one) == len(other) == 60
    assert one != other


@pytest.mark.parametrize(
    ("name", "expected"), [("expression", "expression"), ("Target A", "target_a"), ("a_b", "a_b"), ("a.b/c", "a_b_c"), ("../../etc", "etc")]
)
def test_a_module_is_named_after_the_words_of_its_step(name: str, expected: str) -> None:
    assert module_name(name, ()) == expected


@pytest.mark.parametrize("name", ["tasks", "class", "match", "con", "LPT1", "nul", "2nd", "é", "..", "", "x" * 300, "Taken"])
def test_a_module_name_that_will_not_do_gets_a_hash(name: str) -> None:
    found = module_name(name, {"taken"})
    assert found.endswith(f"_{six(name)}")
    assert found.isidentifier()
    assert len(found) <= 60


@pytest.mark.parametrize("name", ["inputs", "my-pipeline", "v2.1", "_x", "2nd"])
def test_a_folder_is_called_as_its_pipeline(name: str) -> None:
    assert folder_name(name) == name


@given(st.one_of(st.text(st.characters(codec=None)), st.sampled_from(["..", ".", "", "/", "a/b", "a\\b", "~", "-rf", ".git", "CON", "aux.x", "x."])))
def test_a_folder_is_always_one_safe_component(name: str) -> None:
    found = folder_name(name)
    assert 1 <= len(found) <= 60
    assert set(found) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
    assert found[0] not in ".-"
    assert found[-1] != "."
    assert found.split(".")[0].lower() not in {"con", "aux", "nul", "prn"}


@given(st.lists(st.text(st.characters(codec=None)), unique=True, max_size=30))
def test_names_never_meet(names: list[str]) -> None:
    taken: set[str] = set()
    for name in names:
        found = class_name(name, taken)
        assert found.isidentifier()
        assert found not in taken
        taken.add(found)
    modules: set[str] = set()
    for name in names:
        found = module_name(name, modules)
        assert found == found.lower()
        assert found not in modules
        modules.add(found)


def test_an_imported_class_keeps_its_name_unless_that_is_taken() -> None:
    assert local_name("Copy", "a.Copy", ()) == "Copy"
    assert local_name("Copy", "b.Copy", {"Copy"}) == f"Copy_{six('b.Copy')}"
    assert local_name("Spread", "b.Spread", ()) == f"Spread_{six('b.Spread')}"
