"""Plan to the text of Python modules. The only room that knows Jinja2."""
