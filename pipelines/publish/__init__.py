"""The outlet: write, audit, publish. A version becomes visible whole, or not at all."""
