"""Storage for code on an event loop."""
