"""Attacks that draw the rows again."""
