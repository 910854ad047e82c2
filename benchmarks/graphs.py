"""Synthetic pipelines as `.otter` text: graphs of tasks that do nothing, and a mix of tasks like a real one.

The same arguments give the same text.
"""

import json
import random

HOSTS = ("https://ftp.example.org/pub/databases", "https://raw.example.org/curation/refs/tags", "https://api.example.org/v1", "gs://evidence-input")
WORDS = ("biosample", "disease", "drug", "evidence", "expression", "interaction", "literature", "ontology", "pathway", "target", "variant")
EXTENSIONS = ("csv.gz", "json", "jsonl", "parquet", "tsv")
VERSIONS = {f"{word}_version": f"{number}.{number % 4}" for number, word in enumerate(WORDS, start=21)}
STEP_SIZE = 20

Graph = list[list[int]]


def chain(tasks: int) -> Graph:
    """What each task waits for: the one before it."""
    return [[] if task == 0 else [task - 1] for task in range(tasks)]


def layered(tasks: int, seed: int = 0) -> Graph:
    """What each task waits for: two or three of the layer before, with as many layers as a layer has tasks."""
    chance, width = random.Random(seed), max(3, int(tasks**0.5))
    graph: Graph = []
    for task in range(tasks):
        before = (task // width - 1) * width
        graph.append(sorted(chance.sample(range(before, before + width), chance.choice((2, 3)))) if before >= 0 else [])
    return graph


def noops(graph: Graph) -> str:
    """A pipeline of one step, `main`, whose tasks do nothing in the order of the graph. It uses `noop_tasks`."""
    lines = ["pipeline graph {", "  pool_size = 2", "}", "", "use noop_tasks", "", "step main {"]
    for task, before in enumerate(graph):
        requires = f" requires [{', '.join(f'noop.t{other}' for other in before)}]" if before else ""
        lines.append(f"  noop t{task} {{{requires} }}")
    return "\n".join([*lines, "}", ""])


def realistic(tasks: int, seed: int = 0) -> str:
    """A pipeline of that many task statements in steps of twenty: mostly copies, with exploders, look-ups and a type that is declared here."""
    chance = random.Random(seed)
    lines = ["pipeline realistic {", "  pool_size = 4", "}", "", "scratchpad {"]
    lines += [f"  {key} = {json.dumps(value)}" for key, value in VERSIONS.items()]
    lines += ["}", "", "extern task search_index {", "  url: str", "  index: str", "  fields: list[str]", "  destination: output", "}", ""]
    made = 0
    while made < tasks:
        step = f"{chance.choice(WORDS)}_{made // STEP_SIZE}"
        lines += [f"# The inputs of {step}.", f"step {step} {{"]
        end = min(tasks, made + STEP_SIZE)
        while made < end:
            statements, count = _statement(chance, step, made, end - made)
            lines += statements
            made += count
        lines += ["}", ""]
    return "\n".join(lines)


def _statement(chance: random.Random, step: str, number: int, room: int) -> tuple[list[str], int]:
    """The lines of one statement, or of two that belong together, and how many tasks they are."""
    word, other, kind = chance.choice(WORDS), chance.choice(WORDS), chance.random()
    version, host, extension = f"${{{chance.choice(list(VERSIONS))}}}", chance.choice(HOSTS), chance.choice(EXTENSIONS)
    destination = f"input/{step}/{word}/{other}_{number}.{extension}"
    if kind < 0.10 and room >= 2:
        found = _task("find_latest", f"{word} {number}", source=f'"gs://{word}-{number % 100:03d}"')
        copied = _task("copy", f"latest {word} {number}", source=f"find_latest.'{word} {number}'", destination=f'"{destination}"')
        return [*found, *copied], 2
    if kind < 0.22:
        into = f'"output/{step}/{word}_{number}"'
        return _task("copy_many", f"{word} {number}", sources=f'"{host}/{other}/{number}/*.parquet"', destination=into), 1
    if kind < 0.28:
        each = json.dumps([f"mappings/{other}/{chance.choice(WORDS)}_{part}.tsv" for part in range(3)])
        inner = _task("copy", f"{number} ${{each}}", source=f'"{host}/{version}/${{each}}"', destination=f'"input/{step}/{number}/${{each}}"')
        opening, *rest = _task("explode", f"{word} {number}", foreach=each)
        return [opening, *rest[:-2], "    do {", *(f"    {line}" if line else "" for line in inner[:-1]), "    }", *rest[-2:]], 1
    if kind < 0.34:
        fields = json.dumps([f"{chance.choice(WORDS)}_{chance.choice(WORDS)}" for _ in range(chance.randint(4, 12))])
        url, index = f'"{host}/search"', f'"{word}_{version}_{other}"'
        return _task("search_index", f"{word} {number}", url=url, index=index, fields=fields, destination=f'"{destination}"'), 1
    source = f'"{host}/{other}/releases/download/v{version}/{word}-{number}.{extension}"'
    return _task("copy", f"{word} {other} {number}", source=source, destination=f'"{destination}"'), 1


def _task(kind: str, label: str, **attributes: str) -> list[str]:
    return [f'  {kind} "{label}" {{', *(f"    {key} = {value}" for key, value in attributes.items()), "  }", ""]
