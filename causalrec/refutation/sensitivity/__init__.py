"""How much a hidden confounder could change an effect."""
