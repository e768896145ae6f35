"""Stores of ticks, offers, responses and executions."""
