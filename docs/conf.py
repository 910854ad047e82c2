"""How Sphinx makes a site of the documents: `make docs`. What is in them is tested where they lie; this says only how they look.

The lexer for `.otter` is the project's own, which Pygments finds by its entry point.
"""

from typing import Final

project: Final = "otterdsl"
html_title: Final = "otterdsl"
extensions: Final = ["myst_parser"]
source_suffix: Final = {".md": "markdown"}
html_theme: Final = "furo"
html_theme_options: Final = {"navigation_with_keys": True}
html_show_copyright: Final = False
html_show_sphinx: Final = False
html_copy_source: Final = False
pygments_style: Final = "default"
pygments_dark_style: Final = "github-dark"
myst_heading_anchors: Final = 4  # links within a page lead to its headings
# An example of what is wrong may be wrong for its lexer too.
suppress_warnings: Final = ["misc.highlighting_failure"]
