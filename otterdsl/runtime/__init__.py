"""The runtime: runs generated modules, and knows nothing of the compiler."""
