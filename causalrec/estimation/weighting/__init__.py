"""Two arms made alike by weights."""
