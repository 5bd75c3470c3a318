"""The simulated outside: a generated company and a server that answers like the platforms."""
