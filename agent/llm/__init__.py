"""LLMs: one completion a call."""
