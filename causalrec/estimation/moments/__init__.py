"""Second moments of a design, and what linear models need of them, in passes over the rows."""
