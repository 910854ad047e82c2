"""otterdsl: a checked pipeline language that becomes readable Python. Holds the version, and imports nothing."""

__version__ = "0.1.0"
