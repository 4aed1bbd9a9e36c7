"""Logs of visits as complete grids of visits times items, never written down."""
