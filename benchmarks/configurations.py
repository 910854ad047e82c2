"""Otter configurations as YAML text: a mix of tasks like a real one's, as a person writes them. The same arguments give the same text."""

import random

from benchmarks.graphs import EXTENSIONS, HOSTS, STEP_SIZE, VERSIONS, WORDS


def configuration(tasks: int, step_size: int = STEP_SIZE, seed: int = 0) -> str:
    """A configuration of that many tasks: mostly copies, with exploders, look-ups and a type that Otter does not have."""
    chance = random.Random(seed)
    lines = ["---", "work_path: ./work", "log_level: WARNING", "pool_size: 4", "", "scratchpad:"]
    lines += [f"  {key}: '{value}'" for key, value in VERSIONS.items()]
    lines += ["", "steps:"]
    made = 0
    while made < tasks:
        step = f"{chance.choice(WORDS)}_{made // step_size}"
        lines += [f"  #: {step.upper()} STEP :{'#' * 60}", f"  {step}:"]
        end = min(tasks, made + step_size)
        while made < end:
            entries, count = _entries(chance, step, made, end - made)
            lines += [line for entry in entries for line in (*_written(entry, "    "), "")]
            made += count
    return "\n".join(lines)


def _entries(chance: random.Random, step: str, number: int, room: int) -> tuple[list[dict[str, object]], int]:
    """One task, or two that belong together, and how many they are."""
    word, other, kind = chance.choice(WORDS), chance.choice(WORDS), chance.random()
    version, host, extension = f"${{{chance.choice(list(VERSIONS))}}}", chance.choice(HOSTS), chance.choice(EXTENSIONS)
    destination = f"input/{step}/{word}/{other}_{number}.{extension}"
    if kind < 0.10 and room >= 2:
        key = f"latest_{number}"
        find: dict[str, object] = {"name": f"find_latest {word} {number}", "source": f"gs://{word}-{number % 100:03d}", "scratchpad_key": key}
        copy: dict[str, object] = {
            "name": f"copy latest {word} {number}",
            "requires": [find["name"]],
            "source": f"${{{key}}}",
            "destination": destination,
        }
        return [find, copy], 2
    if kind < 0.22:
        sources = f"{host}/{other}/{number}/*.parquet"
        return [{"name": f"copy_many {word} {number}", "sources": sources, "destination": f"output/{step}/{word}_{number}"}], 1
    if kind < 0.28:
        each = [f"mappings/{other}/{chance.choice(WORDS)}_{part}.tsv" for part in range(3)]
        inner = {"name": f"copy {number} ${{each}}", "source": f"{host}/{version}/${{each}}", "destination": f"input/{step}/{number}/${{each}}"}
        return [{"name": f"explode {word} {number}", "foreach": each, "do": [inner]}], 1
    if kind < 0.34:
        fields = [f"{chance.choice(WORDS)}_{chance.choice(WORDS)}" for _ in range(chance.randint(4, 12))]
        search = {"url": f"{host}/search", "index": f"{word}_{version}_{other}", "fields": fields, "destination": destination}
        return [{"name": f"search_index {word} {number}", **search}], 1
    source = f"{host}/{other}/releases/download/v{version}/{word}-{number}.{extension}"
    return [{"name": f"copy {word} {other} {number}", "source": source, "destination": destination}], 1


def _written(entry: dict[str, object], indent: str) -> list[str]:
    """The lines of an entry of a list."""
    lines, lead = [], f"{indent}- "
    for key, value in entry.items():
        if isinstance(value, list):
            lines.append(f"{lead}{key}:")
            for item in value:
                lines += _written(item, f"{indent}    ") if isinstance(item, dict) else [f"{indent}    - {item}"]
        else:
            lines.append(f"{lead}{key}: {value}")
        lead = f"{indent}  "
    return lines
