"""Armstrong numbers: an example of a service that spreads its work over Ray tasks."""
