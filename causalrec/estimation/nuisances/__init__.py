"""Models of outcome and propensity: which, stacked, and fitted on other folds."""
