"""Checks that a task's `validate` may call: each gives back nothing, and raises `TaskValidationError` for what is not as it should be.

`VALIDATORS` says which there are, without importing any: the compiler asks for their names and parameters alone.
"""

from otterdsl.runtime.validators.registry import VALIDATORS, Parameter, Validator

__all__ = ["VALIDATORS", "Parameter", "Validator"]
