"""Attacks with nodes that the graph says have nothing to do with the effect."""
