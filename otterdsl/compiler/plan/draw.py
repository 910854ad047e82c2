"""A graph as text that other programs draw: Mermaid, which GitHub shows, and Graphviz' DOT. In: a `Graph`. Out: text.

Steps are boxes around their tasks. A solid edge is a `requires`, a thick one a reference, a dashed one data. What is absent: any layout.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from otterdsl.compiler.plan.graph import Graph, Node, StepGraph
from otterdsl.compiler.plan.words import condition_text, items_text
from otterdsl.compiler.source.snippet import visible
from otterdsl.compiler.values.condition import Item
from otterdsl.compiler.values.value import unescape

_MERMAID_EDGES: Final = {"requires": "-->", "reference": "==>", "data": "-.->"}
_DOT_EDGES: Final = {"requires": "", "reference": " [style=bold]", "data": " [style=dashed]"}


class _Edge(NamedTuple):
    """From what comes first to what waits for it."""

    first: str
    then: str
    reason: str


def mermaid(graph: Graph, steps: Sequence[str] = ()) -> str:
    """The graph of these steps, or of all, as a Mermaid flowchart."""
    chosen = _chosen(graph, steps)
    lines = ["flowchart LR"]
    for name, step in chosen.items():
        lines.append(f'  subgraph {name}["{_mermaid_text(step.name)}"]')
        lines += [f'    {_id(name, number)}["{"<br>".join(map(_mermaid_text, _label(node)))}"]' for number, node in enumerate(step.nodes)]
        lines += [f'    {name}_0["nothing to do"]'] if not step.nodes else []
        lines.append("  end")
    for name, step in chosen.items():
        lines += [f"  {edge.first} {_MERMAID_EDGES[edge.reason]} {edge.then}" for edge in _edges(name, step)]
    lines += [f"  {first} --> {then}" for first, then in _step_edges(chosen)]
    return "\n".join(lines) + "\n"


def dot(graph: Graph, steps: Sequence[str] = ()) -> str:
    """The graph of these steps, or of all, as a DOT digraph."""
    chosen = _chosen(graph, steps)
    lines = [f"digraph {_dot_text([graph.pipeline])} {{", "  rankdir=LR;", "  compound=true;", "  node [shape=box];"]
    for name, step in chosen.items():
        lines += [f"  subgraph cluster_{name} {{", f"    label={_dot_text([step.name])};"]
        lines += [f"    {_id(name, number)} [label={_dot_text(_label(node))}];" for number, node in enumerate(step.nodes)]
        lines += [f'    {name}_0 [label="nothing to do", style=dotted];'] if not step.nodes else []
        lines.append("  }")
    for name, step in chosen.items():
        lines += [f"  {edge.first} -> {edge.then}{_DOT_EDGES[edge.reason]};" for edge in _edges(name, step)]
    # An edge between boxes goes from a task of the one to a task of the other, cut off at their borders.
    lines += [f"  {first}_0 -> {then}_0 [ltail=cluster_{first}, lhead=cluster_{then}];" for first, then in _step_edges(chosen)]
    return "\n".join([*lines, "}"]) + "\n"


def _chosen(graph: Graph, steps: Sequence[str]) -> dict[str, StepGraph]:
    return {f"s{number}": step for number, step in enumerate(graph.steps) if not steps or step.name in steps}


def _id(step: str, number: int) -> str:
    return f"{step}_{number}"


def _label(node: Node) -> list[str]:
    """What stands in a task's box: its name, how many there are of it, and when."""
    lines = [visible(unescape(node.name))]
    if node.turns is None:
        sources = [items_text(loop.items) for loop in node.loops if not isinstance(loop.items, tuple | Item)]
        lines.append(f"× ? until {visible(', '.join(sources))}")
    elif node.loops:
        lines.append(f"× {node.turns}")
    if node.when is not None:
        lines.append(f"if {visible(condition_text(node.when))}")
    return lines


def _edges(name: str, step: StepGraph) -> Iterator[_Edge]:
    for number, node in enumerate(step.nodes):
        seen: set[int] = set()
        for link in node.links:
            for first in link.nodes:
                if first not in seen:
                    seen.add(first)
                    yield _Edge(_id(name, first), _id(name, number), link.reason)


def _step_edges(chosen: dict[str, StepGraph]) -> Iterator[tuple[str, str]]:
    ids = {step.name: name for name, step in chosen.items()}
    for name, step in chosen.items():
        for first in step.requires:
            if first in ids:
                yield ids[first], name


def _mermaid_text(text: str) -> str:
    """Text within quotes: what could end them, or be read as markup, by its number."""
    return re.sub(r"[^\w ./:,()=\[\]!?×…-]", lambda found: f"#{ord(found[0])};", text)


def _dot_text(lines: Sequence[str]) -> str:
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'
