"""The settings of a run. In: options, the environment, the pipeline's own. Out: a `Config`, or the end of the command, with what is wrong.

The runtime says which wins over which; here is what only a command line has: mirrors as FROM=TO, those of all places counting together.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from otterdsl.cli.options import Pair
from otterdsl.compiler.source.snippet import visible
from otterdsl.runtime.config.load import configuration_settings
from otterdsl.runtime.config.model import Config
from otterdsl.runtime.config.yaml import parse_yaml
from otterdsl.runtime.core import pipeline_config
from otterdsl.runtime.loader import LoadedPipeline
from otterdsl.runtime.util.errors import ConfigError

MIRROR: Final = "OTTERDSL_MIRROR"


def config_of(loaded: LoadedPipeline, options: Mapping[str, Any], mirrors: Iterable[tuple[str, str]], environ: Mapping[str, str]) -> Config:
    """The settings; `options` are those given on the command line, None where they were not. Raises: click.ClickException."""
    every = _mirrors(loaded.pipeline.settings.get("mirrors", {}), mirrors, environ)
    try:
        return pipeline_config(loaded, {**options, "mirrors": every}, environ)
    except ConfigError as error:
        raise click.ClickException(visible(str(error))) from None


def config_of_file(file: Path, options: Mapping[str, Any], mirrors: Iterable[tuple[str, str]], environ: Mapping[str, str]) -> Config:
    """As `config_of`, for an Otter configuration. Raises: click.ClickException; SystemExit, for a file that cannot be read."""
    every = _mirrors(parse_yaml(file).get("mirrors"), mirrors, environ)
    try:
        return configuration_settings(file, {**options, "mirrors": every}, environ)
    except ConfigError as error:
        raise click.ClickException(visible(str(error))) from None


def _mirrors(own: Any, mirrors: Iterable[tuple[str, str]], environ: Mapping[str, str]) -> dict[str, str] | None:
    """The mirrors of all places together; None where none is given but perhaps the pipeline's own."""
    typed = {**_mirrors_of(environ.get(MIRROR, "")), **dict(mirrors)}
    return {**(own if isinstance(own, dict) else {}), **typed} if typed else None


def _mirrors_of(text: str) -> dict[str, str]:
    """The mirrors that the environment gives: FROM=TO, as many as there are, with blanks between them."""
    try:
        return dict(Pair("FROM=TO").convert(pair, None, None) for pair in text.split())
    except click.BadParameter as error:
        raise click.ClickException(f"the environment variable `{MIRROR}`: {visible(error.message)}; mend it, or unset it") from None
