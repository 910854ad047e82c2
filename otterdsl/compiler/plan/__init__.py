"""The Plan: what will be generated, as plain values."""
