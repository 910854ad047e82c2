"""Jinja2 templates: what each generated file looks like."""
