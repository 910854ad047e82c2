"""The compiler: text to Python modules."""
