"""The packages of otterdsl: found ones, and the folders that hold the grammar, the templates and the pages of diagnostics."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["otterdsl", "otterdsl.*"]), "otterdsl.errors", "otterdsl.grammar", "otterdsl.templates"])
