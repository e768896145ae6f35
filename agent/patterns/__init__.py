"""Patterns in event windows that deserve an offer, one pure function a file."""
