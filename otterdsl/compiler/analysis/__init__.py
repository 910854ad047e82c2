"""Syntax trees to a Program: names, types, constants, order. Pure."""
