"""Values, conditions and types: the plain data that the later rooms share. Standard library only."""
