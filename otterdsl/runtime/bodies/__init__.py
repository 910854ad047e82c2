"""Task types with a body of their own: a shell script or Python that a `.otter` file holds, and checks of what it made."""
