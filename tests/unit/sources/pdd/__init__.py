"""拼多多's connector."""
