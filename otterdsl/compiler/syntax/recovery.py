"""Reading on after a mistake. In: a text in which the automaton stopped. Out: what could be read, and what is wrong."""

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Checked, Diagnostic
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.drive import Stopped


def parse(source: SourceText, stopped: Stopped) -> Checked[ast.Module]:
    """An empty module and the first mistake."""
    span = Span(source.file, stopped.start, stopped.end)
    return Checked(ast.Module(span, (), ()), (Diagnostic("OT101", CODES["OT101"].severity, "something else was expected here", span),))
