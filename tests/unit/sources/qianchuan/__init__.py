"""千川: units."""
