"""Form elements and forms."""
