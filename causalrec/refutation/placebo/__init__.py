"""Attacks with treatments, outcomes and confounders that are made up."""
