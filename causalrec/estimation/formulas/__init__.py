"""Any identified expression, on discrete data."""
