"""Is this proposal worth an interruption? Text in, verdict out. Imports nothing of agent/."""
