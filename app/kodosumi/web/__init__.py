"""Pages and API: the only place that knows HTTP of the panel."""
