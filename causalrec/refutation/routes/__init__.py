"""Other routes to the same effect, and the tests that they agree."""
