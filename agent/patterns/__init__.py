"""Patterns in event windows that deserve an offer, one pure function a file.

A file defines KIND (its name in records), RANK (lower is offered first) and `find(observation) -> Candidate | None`;
it is found by its name. Files that start with an underscore are shared by the patterns.
"""
