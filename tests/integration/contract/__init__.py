"""What every connector keeps, asked of each one that has a folder."""
