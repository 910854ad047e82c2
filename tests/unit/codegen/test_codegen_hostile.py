import ast
import json
import re

import black
from hostile_plans import Call, data, plans
from hypothesis import HealthCheck, given, settings

from otterdsl.compiler.codegen.generate import generate, generate_modules
from otterdsl.compiler.codegen.lock import LOCK, Record
from otterdsl.compiler.plan.model import Plan, PlannedTask
from otterdsl.compiler.values import condition as cond
from otterdsl.compiler.values.bodies import PythonBody, ShellBody
from otterdsl.compiler.values.value import to_json

MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@MANY
@given(plans())
def test_black_changes_nothing_whatever_the_text(plan: Plan) -> None:
    for name, text in generate_modules(plan).modules.items():
        assert black.format_str(text, mode=black.Mode()) == text, name


@MANY
@given(plans())
def test_modules_hold_imports_classes_and_data_alone_and_import_only_what_they_may(plan: Plan) -> None:
    allowed = {"otterdsl.runtime", *(each.module for each in plan.classes.values()), *(t.python.module for t in plan.types if t.python)}
    for name, text in generate(plan, Record("1")).items():
        if name == LOCK:
            json.loads(text)
            continue
        for node in ast.parse(text).body:
            match node:
                case ast.ImportFrom(module, _, 0):
                    assert module in allowed
                case ast.ImportFrom("tasks", _, 1):
                    assert "tasks.py" in generate_modules(plan).modules
                case ast.ClassDef(decorator_list=[], keywords=[], bases=[ast.Name()] | [ast.Name(), ast.Name()], body=body):
                    assert isinstance(ast.get_docstring(node, clean=False), str)
                    written = [each for each in body[1:] if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
                    assert all(isinstance(each, ast.Assign | ast.AnnAssign) for each in body[1:] if each not in written)
                    assert [(each.name, [type(line) for line in each.body]) for each in written] in ([], [("body", [ast.Pass])])
                case ast.Expr(ast.Constant(str())):
                    assert node is ast.parse(text).body[0] or node.lineno == 1
                case ast.Expr(ast.Call(ast.Name("require_runtime"), [ast.Constant(1)])):
                    assert name == "__init__.py"
                case ast.Assign([ast.Name(target)], value):
                    assert target == "PIPELINE" or target.startswith(("Type_", "Provides_")), target
                    assert target != "PIPELINE" or isinstance(value, ast.Call)
                case _:
                    raise AssertionError(ast.dump(node))


@MANY
@given(plans())
def test_the_literals_give_the_data_back(plan: Plan) -> None:
    generated = generate_modules(plan)
    pipeline = package(generated.modules["__init__.py"])
    assert pipeline["name"] == plan.pipeline
    assert pipeline.get("settings", {}) == to_json(plan.settings)
    assert pipeline.get("packages", []) == list(plan.packages)
    steps = pipeline.get("steps", [])
    assert [step.keywords["name"] for step in steps] == [step.name for step in plan.steps]
    for step, entry in zip(plan.steps, steps, strict=True):
        module = ast.parse(generated.modules[f"{entry.keywords['module']}.py"])
        classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
        assert len({each.name for each in classes}) == len(classes) == len(step.tasks)
        for task, node in zip(step.tasks, classes, strict=True):
            assert undented(ast.get_docstring(node, clean=False)) == documented(task.name, task.doc)
            held = {each.targets[0].id: data(each.value) for each in node.body[1:]}
            assert_task(task, held)


@MANY
@given(plans())
def test_scripts_and_checks_are_the_data_that_they_were(plan: Plan) -> None:
    if not plan.types:
        return
    classes = [node for node in ast.parse(generate_modules(plan).modules["tasks.py"]).body if isinstance(node, ast.ClassDef)]
    tasks = [node for node in classes if not node.name.endswith("Spec")]
    written = [each for each in plan.types if each.kind == "task"]
    by_doc = {ast.get_docstring(node, clean=False): node for node in tasks}
    for each in written:
        title, _, rest = each.doc.strip("\n").partition("\n")
        doc = documented(title, rest) if title.strip() else documented(each.name, "")
        node = next((found for text, found in by_doc.items() if undented(text) == doc), None)
        if node is None or [undented(text) for text in by_doc].count(doc) != 1 or len(tasks) != len(by_doc):
            continue  # docs that are alike say nothing of which is which
        held = {line.targets[0].id: data(line.value) for line in node.body if isinstance(line, ast.Assign)}
        assert held.get("checks", ()) == tuple(Call("Check", (check.validator,), to_json(check.arguments)) for check in each.checks)
        if isinstance(each.body, ShellBody):
            assert held["script"] == each.body.lines
            assert held.get("environment", {}) == to_json(each.body.environment)
        if isinstance(each.body, PythonBody):
            method = node.body[-1]
            assert isinstance(method, ast.AsyncFunctionDef if each.body.awaits else ast.FunctionDef)
            assert [argument.arg for argument in method.args.args] == ["self", *each.body.arguments]


def package(text: str) -> dict:
    """The arguments of PIPELINE; types of params are expressions and left out."""
    tree = ast.parse(text)
    call = next(node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "PIPELINE")
    return {keyword.arg: data(keyword.value) for keyword in call.keywords if keyword.arg != "params"}


def assert_task(task: PlannedTask, held: dict) -> None:
    assert_attributes(task, held)
    assert_spec(task, held["spec"])


def assert_attributes(task: PlannedTask, held: dict) -> None:
    loops = held.get("for_each", {})
    assert list(loops) == [loop.variable for loop in task.loops]
    for loop in task.loops:
        wanted = Call("Item", (loop.items.path,), {}) if isinstance(loop.items, cond.Item) else tuple(to_json(item) for item in loop.items)
        assert loops[loop.variable] == wanted
    assert ("when" in held) == (task.when is not None)
    if task.when is not None:
        assert held["when"] == condition_data(task.when)
    groups = held.get("group", ())
    assert (groups if isinstance(groups, tuple) else (groups,)) == task.groups


def assert_spec(task: PlannedTask, call: Call) -> None:
    given = dict(call.keywords)
    assert given.pop("name") == task.name
    assert given.pop("requires", []) == list(dict.fromkeys(edge.target for edge in task.after))
    for name, inner in task.subtasks.items():
        for each, found in zip(inner, given.pop(name), strict=True):
            if each.loops or each.when is not None:
                assert found.name == "Spread"
                assert_task(each, found.keywords)
            else:
                assert_spec(each, found)
    assert given == {name: to_json(value) for name, value in task.spec.items()}


def condition_data(condition: cond.Condition) -> object:
    match condition:
        case cond.Constant(value):
            return to_json(value)
        case cond.Param(name):
            return Call("Param", (name,), {})
        case cond.Item(path):
            return Call("Item", (path,), {})
        case cond.Compare(left, operator, right):
            return Call("Compare", (condition_data(left), operator, condition_data(right)), {})
        case cond.Not(inner):
            return Call("Not", (condition_data(inner),), {})
        case cond.AllOf(inners) | cond.AnyOf(inners):
            return Call(type(condition).__name__, tuple(condition_data(each) for each in inners), {})


def undented(text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *(line.removeprefix("    ") for line in rest)])


def documented(title: str, body: str) -> str:
    text = f"{title}\n\n{body.strip(chr(10))}\n" if body.strip() else title
    # A class cannot have a lone surrogate in its docstring.
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found.group()):04x}", text)
