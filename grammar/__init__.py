"""Everything that tells a program how to read `.otter` files."""
