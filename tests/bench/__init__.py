"""Benchmarks through the panel's front door; docs/benchmarks.md tells what they measure."""
