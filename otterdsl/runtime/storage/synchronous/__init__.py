"""Storage for code that waits."""
