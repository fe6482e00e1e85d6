"""What the panel knows: people, services, jobs. Never Ray, never HTTP pages."""
