"""The company's own databases: the mall's and the warehouse's, a real PostgreSQL over the world."""
