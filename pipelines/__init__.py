"""Connect, land, standardise, publish. Business meaning starts in dbt, not here."""
