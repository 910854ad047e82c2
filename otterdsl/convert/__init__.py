"""Otter YAML in and out.

In comes a configuration, to be checked as it is or written as `.otter`; out goes a pipeline as Otter YAML. The only door that knows YAML.
"""
