"""One small adapter a platform; each says ``ADAPTER``."""
