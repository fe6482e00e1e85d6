"""kodosumi: a runtime for agentic services on Ray."""

__version__ = "0.1.0"
