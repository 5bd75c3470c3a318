"""Benchmarks: what Koujing costs beside the engine's own way, as ratios within one run."""
