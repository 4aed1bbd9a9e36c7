"""Errors that follow how the treatment was assigned: clusters, bootstraps, several intervals at once."""
