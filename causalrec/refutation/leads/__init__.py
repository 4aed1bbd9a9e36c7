"""Attacks with what happens later."""
