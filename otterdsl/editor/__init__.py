"""What editors and highlighters need."""
