"""The templates, ready to render. In: nothing. Out: a function for each kind of generated file. The only module that knows Jinja2."""

from collections.abc import Callable
from dataclasses import dataclass

import jinja2


@dataclass(frozen=True, slots=True)
class Templates:
    """For each kind of file its `render`, which takes the names the template uses."""

    package: Callable[..., str]
    tasks: Callable[..., str]
    step: Callable[..., str]


def load_templates() -> Templates:
    """The templates, read and compiled: about two milliseconds."""
    environment = jinja2.Environment(
        loader=_loader(),
        undefined=jinja2.StrictUndefined,
        # What is rendered is Python, and all that comes from a `.otter` file is a literal before it gets here.
        autoescape=False,  # noqa: S701 - the text is no HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    package, tasks, step = (environment.get_template(f"{name}.py.j2").render for name in ("package", "tasks", "step"))
    return Templates(package, tasks, step)


def _loader() -> jinja2.BaseLoader:
    try:
        return jinja2.PackageLoader("otterdsl.templates", "")
    except (ImportError, ValueError):
        # A checkout that is not installed: the package `otterdsl.templates` is the folder `templates` beside `otterdsl`.
        return jinja2.FileSystemLoader(__file__.rsplit("otterdsl", 1)[0] + "templates")
