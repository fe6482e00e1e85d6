"""Jobs: rows, events, the one door that changes them, and who may see them."""
