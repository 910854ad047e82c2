"""A syntax tree and its comments to canonical text. Standard library only."""
