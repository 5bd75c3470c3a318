"""The registry: shops, ad accounts and users are data, not code or config files."""
