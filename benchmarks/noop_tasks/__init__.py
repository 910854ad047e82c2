"""A task type that does nothing, so that a run of it measures the runtime alone."""
