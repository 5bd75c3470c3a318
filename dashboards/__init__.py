"""The pages: headline numbers for people, read through the metrics dictionary only."""
