"""Figures of trust: each row says what was tried, how often, what came of it, and what was to be reached."""
