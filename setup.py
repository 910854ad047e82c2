"""The packages of otterdsl: found ones, and the two folders at the top that hold the grammar and the templates."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["otterdsl", "otterdsl.*"]), "otterdsl.grammar", "otterdsl.templates"])
