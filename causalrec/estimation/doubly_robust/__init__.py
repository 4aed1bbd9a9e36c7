"""Two arms, or a few levels, by models of the outcome and of the propensity together."""
