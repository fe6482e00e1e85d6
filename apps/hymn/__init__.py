"""Hymn: two agents write a hymn."""
