"""Effects that mediators carry, where back doors stay open."""
