"""For whom: effects by unit, whether they are true, and what to do with them."""
