"""What the app tells a person."""
