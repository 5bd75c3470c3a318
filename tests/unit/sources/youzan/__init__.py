"""有赞's connector."""
