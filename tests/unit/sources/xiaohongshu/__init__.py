"""小红书's connector."""
