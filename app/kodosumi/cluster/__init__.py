"""The adapter to Ray: the panel touches Ray only here."""
