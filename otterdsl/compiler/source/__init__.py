"""Text, places in it, and diagnostics. Standard library only."""
