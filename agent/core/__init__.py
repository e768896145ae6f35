"""Pure code: no clock, file, network, logging or unseeded randomness."""
