"""The task types of the penguins pipeline: a module `a_b` holds a class `AB` and its fields, `ABSpec`."""
