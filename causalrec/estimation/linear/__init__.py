"""Least squares, with effects of groups absorbed, and double machine learning, from moments."""
