"""Sensors: read the events that watchers wrote."""
