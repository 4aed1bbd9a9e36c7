"""Studies: stages from data to report, cached by content."""
