"""What authors write with: forms, ServeAPI, Tracer, values. No Ray, no database."""
