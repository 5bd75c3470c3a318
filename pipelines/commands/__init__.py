"""The command line's commands, one module a subject. Each is thin: parse, call, print."""
