"""Benchmarks, the private ActivityWatch server and player they use, and the demo."""
