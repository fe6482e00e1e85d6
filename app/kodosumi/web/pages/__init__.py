"""HTML pages, one module a word."""
