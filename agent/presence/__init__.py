"""What the desktop says about interruptions, one file a platform."""
