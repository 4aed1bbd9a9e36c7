"""Effects of a treatment that an instrument moves."""
