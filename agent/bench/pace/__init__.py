"""`bench pace`: policies side by side on simulated users made of human votes, on the real loop."""
