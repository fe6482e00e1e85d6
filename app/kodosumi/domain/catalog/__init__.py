"""Services: where they are, what they ask for, how they are launched."""
