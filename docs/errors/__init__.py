"""A page for each code of a diagnostic: `otterdsl explain` shows them, and `check --format sarif` sends them along."""
