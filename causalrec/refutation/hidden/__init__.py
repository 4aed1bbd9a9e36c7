"""Attacks that ask how strong a confounder that nobody measured would have to be."""
