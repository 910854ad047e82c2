"""What analysis says of a pipeline, said of YAML. In: a diagnostic. Out: the same, with helps that hold for YAML and fixes that are YAML.

What is absent: places; those are in the YAML already.
"""

from dataclasses import replace

from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.compiler.source.text import SourceText


def for_yaml(diagnostic: Diagnostic, source: SourceText) -> Diagnostic:
    """The diagnostic as it is said of a configuration."""
    return diagnostic if diagnostic.where != source.file else replace(diagnostic, fixes=())
