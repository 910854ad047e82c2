"""Checks that a task's `validate` may call: each gives back nothing, and raises `TaskValidationError` for what is not as it should be."""
