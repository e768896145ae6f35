"""Proactive: watches what you do through ActivityWatch and offers one helpful task at the right moment."""

__version__ = "0.1.0"
