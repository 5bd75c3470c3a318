"""微信小店's connector: wire, samples, paging."""
