"""The only code that knows Dagster: thin assets over what the other packages do."""
