"""Every name that Otter's users touch is there by its module, can be imported under the alias, and can be replaced there for a test."""

import errno
import importlib
import inspect
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

NAMES = {
    "otter": "Runner",
    "otter.config": "Config load_config LOG_LEVELS",
    "otter.config.model": "Config LOG_LEVELS BaseConfig",
    "otter.config.yaml": "parse_yaml",
    "otter.core": "Runner load_config load_scratchpad load_specs TaskRegistry Manifest Step Scratchpad check_dir",
    "otter.manifest.model": "Result Artifact TaskManifest StepManifest RootManifest Manifest MANIFEST_FILENAME",
    "otter.scratchpad": "Scratchpad load_scratchpad parse_yaml",
    "otter.scratchpad.model": "Scratchpad",
    "otter.step.coordinator": "Coordinator",
    "otter.step.model": "Step",
    "otter.step.worker": "worker_process",
    "otter.storage.asynchronous.filesystem": "AsyncFilesystemStorage",
    "otter.storage.asynchronous.handle": "AsyncStorageHandle",
    "otter.storage.asynchronous.http": "AsyncHTTPStorage",
    "otter.storage.asynchronous.model": "AsyncStorage",
    "otter.storage.model": "StatResult Revision",
    "otter.storage.synchronous.filesystem": "FilesystemStorage",
    "otter.storage.synchronous.handle": "StorageHandle",
    "otter.storage.synchronous.http": "HTTPStorage",
    "otter.storage.synchronous.model": "Storage",
    "otter.storage.util": "make_absolute",
    "otter.task": "load_specs parse_yaml",
    "otter.task.model": "Spec State READY_STATES TaskContext Task",
    "otter.task.task_registry": "TaskRegistry BUILTIN_TASKS_MODULE",
    "otter.task.task_reporter": "TaskReporter report",
    "otter.tasks.copy": "Copy CopySpec",
    "otter.tasks.copy_many": "CopyMany CopyManySpec",
    "otter.tasks.download": "Download DownloadSpec",
    "otter.tasks.explode": "Explode ExplodeSpec",
    "otter.tasks.explode_glob": "ExplodeGlob ExplodeGlobSpec",
    "otter.tasks.find_latest": "FindLatest FindLatestSpec",
    "otter.tasks.hello_world": "HelloWorld HelloWorldSpec",
    "otter.util.errors": "OtterError NotFoundError PreconditionFailedError StorageError StorageContextSettingsError ScratchpadError TaskBuildError "
    "TaskRunError TaskAbortedError TaskDuplicateError TaskValidationError StepInvalidError StepFailedError ManifestError DownloadError UploadError "
    "CopyError FSError log_pydantic",
    "otter.util.fs": "check_dir check_source check_destination",
    "otter.validators.file": "exists async_exists size async_size",
}
EACH = [(module, name) for module, names in NAMES.items() for name in names.split()]

PARAMETERS = {
    "otter.task.load_specs": "config_path step_name",
    "otter.task.model.TaskContext": "config scratchpad",
    "otter.task.model.TaskContext.add_specs": "self specs",
    "otter.task.model.Task": "spec context",
    "otter.task.task_registry.TaskRegistry": "config scratchpad",
    "otter.task.task_registry.TaskRegistry.register": "self package_name",
    "otter.task.task_registry.TaskRegistry.build": "self spec",
    "otter.task.task_reporter.TaskReporter": "name",
    "otter.task.task_reporter.TaskReporter.finish_run": "self done",
    "otter.task.task_reporter.TaskReporter.fail": "self error where",
    "otter.task.task_reporter.report": "func",
    "otter.scratchpad.load_scratchpad": "config_path",
    "otter.scratchpad.model.Scratchpad": "sentinel_dict",
    "otter.scratchpad.model.Scratchpad.store": "self key value",
    "otter.scratchpad.model.Scratchpad.merge": "self other",
    "otter.scratchpad.model.Scratchpad.replace_dict": "self d ignore_missing",
    "otter.step.coordinator.Coordinator": "step task_registry config",
    "otter.step.model.Step": "name specs",
    "otter.step.model.Step.finish": "self result failure_reason",
    "otter.step.model.Step.upsert_task_manifest": "self task",
    "otter.step.worker.worker_process": "worker_id task_queue result_queue shutdown_event",
    "otter.manifest.model.Manifest": "config",
    "otter.manifest.model.Manifest.update": "self step_manifest",
    "otter.core.Runner": "name",
    "otter.core.Runner.register_tasks": "self task_package",
    "otter.storage.synchronous.handle.StorageHandle": "location config force_local",
    "otter.storage.asynchronous.handle.AsyncStorageHandle": "location config force_local",
    "otter.storage.synchronous.handle.StorageHandle.open": "self mode",
    "otter.storage.synchronous.handle.StorageHandle.write": "self data expected_revision",
    "otter.storage.synchronous.handle.StorageHandle.write_text": "self data encoding expected_revision",
    "otter.storage.synchronous.handle.StorageHandle.copy_to": "self dest",
    "otter.storage.util.make_absolute": "files config",
    "otter.util.fs.check_destination": "path delete",
    "otter.validators.file.exists": "location config force_local",
    "otter.validators.file.size": "one two config force_local",
}


def named(path: str) -> Any:
    """The module, class, function or method of that name."""
    for cut in range(path.count("."), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(path.split(".")[:cut]))
        except ImportError:
            continue
        for name in path.split(".")[cut:]:
            found = getattr(found, name)
        return found
    raise AssertionError(path)


@pytest.mark.parametrize(("module", "name"), EACH, ids=str)
def test_a_name_is_there_under_the_alias_and_is_the_runtimes_own(module: str, name: str) -> None:
    aliased = importlib.import_module(module)
    real = importlib.import_module(module.replace("otter", "otterdsl.runtime", 1))
    assert aliased is real
    assert aliased.__name__ == real.__name__
    assert getattr(aliased, name) is getattr(real, name)


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, name in EACH if module != "otter"], ids=str)
def test_a_name_can_be_replaced_through_the_alias(module: str, name: str) -> None:
    real = importlib.import_module(module.replace("otter", "otterdsl.runtime", 1))
    before = getattr(real, name)
    with patch(f"{module}.{name}") as stand_in:
        assert getattr(real, name) is stand_in
    assert getattr(real, name) is before


@pytest.mark.parametrize("path", PARAMETERS)
def test_what_is_called_takes_otters_parameters_in_otters_order(path: str) -> None:
    parameters = inspect.signature(named(path)).parameters
    wanted = PARAMETERS[path].split()
    assert list(parameters)[: len(wanted)] == wanted
    more = list(parameters.values())[len(wanted) :]
    assert all(parameter.default is not parameter.empty or parameter.kind is parameter.VAR_POSITIONAL for parameter in more)


def test_a_statement_imports_through_the_alias() -> None:
    spaces: dict[str, Any] = {}
    exec("import otter.task.model\nfrom otter.task import model, load_specs\nfrom otter import Runner", spaces)
    assert spaces["model"] is sys.modules["otterdsl.runtime.task.model"]
    assert spaces["otter"].task.model is spaces["model"]
    assert spaces["Runner"] is importlib.import_module("otterdsl.runtime.core").Runner


def test_what_otter_does_not_have_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"otter\.nothing"):
        importlib.import_module("otter.nothing")


def test_specs_and_scratchpad_are_read_through_the_name_that_tests_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    config: dict[str, Any] = {"scratchpad": {"food": "fish"}, "steps": {"feed": [{"name": "hello_world a"}, {"name": "hello_world a"}]}}
    monkeypatch.setattr("otter.task.parse_yaml", lambda path: config)
    with patch("otter.scratchpad.parse_yaml", return_value=config):
        assert named("otter.scratchpad.load_scratchpad")(Path("config.yaml")).sentinel_dict == {"food": "fish"}
    with pytest.raises(SystemExit) as ended:
        named("otter.task.load_specs")(Path("config.yaml"), "feed")
    assert ended.value.code == errno.EINVAL
    config["steps"]["feed"].pop()
    assert [spec.name for spec in named("otter.task.load_specs")(Path("config.yaml"), "feed")] == ["hello_world a"]
