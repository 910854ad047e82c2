"""Task types that misbehave, or show what they were given: for configurations that upset programs like this one."""
