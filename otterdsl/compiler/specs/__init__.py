"""Registered Python Specs to Schemas, and pydantic's verdict on values. The compiler's only door to the runtime."""
