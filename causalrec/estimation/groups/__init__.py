"""Effects within the values of a few columns."""
