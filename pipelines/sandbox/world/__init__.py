"""A company as canonical tables: its schema, its generator, its own books."""
