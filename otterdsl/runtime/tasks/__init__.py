"""The built-in task types: module `a_b` holds class `AB` and its `ABSpec`; a module whose name begins with `_` is no task type."""
