"""Otter YAML in and out: reading and checking a configuration as it is, writing it as `.otter`, and a pipeline as Otter YAML. The only door that knows YAML."""
