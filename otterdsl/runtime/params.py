"""The values of a run's params: `--set` over the environment over the default, each of the type it was declared with.

Texts come in, values go out; what is wrong is a ParamError that names the param. What is absent: where the texts were typed.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from otterdsl.runtime.compiled import CompiledParam
from otterdsl.runtime.loader import LoadedPipeline
from otterdsl.runtime.scratchpad.placeholder import MISSING, fill
from otterdsl.runtime.util.errors import ParamError, did_you_mean

PREFIX: Final = "OTTERDSL_PARAM_"


def resolve_params(loaded: LoadedPipeline, sets: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, Any]:
    """The value of each param. Raises: ParamError, for an unknown name, a value of another type, or a param without any."""
    params = {param.name: param for param in loaded.pipeline.params}
    for name in sets:
        if name in loaded.fixed and name not in params:
            raise ParamError(f"param `{name}` was fixed to {json.dumps(loaded.fixed[name], ensure_ascii=False)} when the package was compiled")
        if name not in params:
            raise ParamError(f"no param `{name}`{did_you_mean(name, params)}")
    return {name: _value(param, sets, environ) for name, param in params.items()}


def _value(param: CompiledParam, sets: Mapping[str, str], environ: Mapping[str, str]) -> Any:
    variable = f"{PREFIX}{param.name.upper()}"
    if param.name in sets:
        return _typed(param, sets[param.name], f"`--set {param.name}`")
    if variable in environ:
        return _typed(param, environ[variable], f"`{variable}`")
    if param.required:
        raise ParamError(f"param `{param.name}` has no value: give it with `--set {param.name}=…` or {variable}")
    return fill(param.default, lambda name: MISSING)


def _typed(param: CompiledParam, text: str, where: str) -> Any:
    """The value that a text stands for: the JSON where it is JSON, else the text; of the two, the one that fits the type."""
    adapter = TypeAdapter(param.type)
    candidates: list[Any] = [text]
    with suppress(ValueError, RecursionError):
        candidates.insert(0, json.loads(text, parse_constant=_refuse))
    first: ValidationError | None = None
    for candidate in candidates:
        try:
            adapter.validate_python(candidate, strict=True)
        except ValidationError as error:
            first = first or error
        else:
            # As it was given, so that within text it reads as where compiling folds it: a float of `3` is `3`.
            return candidate
    reason = first.errors(include_url=False)[0]["msg"] if first is not None else ""
    raise ParamError(f"param `{param.name}`, from {where}: {text!r} does not fit: {reason}")


def _refuse(constant: str) -> object:
    """NaN and Infinity are not JSON, though Python reads them. Raises: ValueError."""
    raise ValueError(constant)
