"""Daemons of the panel's process: spooler, prober, sweeper."""
