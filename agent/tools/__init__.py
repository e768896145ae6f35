"""Tools: the closed list of operations, one file each."""
