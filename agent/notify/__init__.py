"""Notifiers: show offers, hand back answers."""
