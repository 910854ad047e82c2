"""The program `otterdsl`. In: the command line. Out: an exit code.

`--version` is answered here, before anything is imported, so that it costs what Python itself costs; `cli.app` has the rest.
"""

import sys

from otterdsl import __version__


def main() -> int:
    """The exit code of one command."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"otterdsl {__version__}\n")
        return 0
    import gc

    # A command makes much and throws little away: looking for garbage while it compiles only costs time. `run` turns it on again.
    gc.disable()
    from otterdsl.cli.app import launch

    code = launch(sys.argv[1:])
    if not gc.isenabled():
        # At its end Python looks for garbage once more, in all that was made: none of it is worth the time.
        gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(main())
