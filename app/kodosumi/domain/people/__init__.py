"""People: users, passwords, sessions."""
