"""Two arms made alike by pairs of neighbours."""
