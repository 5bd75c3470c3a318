"""Public clients that nobody here wrote, against the sandbox."""
