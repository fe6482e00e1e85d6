"""CrewAI crews as entry points. CrewAI itself is imported only when a crew runs."""

from kodosumi.runtime.crew.running import is_crew, run_crew

__all__ = ["is_crew", "run_crew"]
