"""Agents and tasks of a crew as they are announced."""

from typing import Any

from kodosumi.wire.agents import Agent, Task


def agents_of(crew: Any) -> list[Any]:
    """Return the crew's agents, its manager last."""
    manager = getattr(crew, "manager_agent", None)
    return [*crew.agents, *([manager] if manager and manager not in crew.agents else [])]


def portrait(agent: Any) -> Agent:
    """Return what is known of an agent before it works."""
    return Agent(
        id=str(agent.id),
        role=agent.role,
        goal=agent.goal or "",
        backstory=agent.backstory or "",
        model=str(getattr(agent.llm, "model", agent.llm) or ""),
        tools=_names(agent.tools),
    )


def task_portrait(task: Any) -> Task:
    """Return what is known of a task before it is done."""
    return Task(
        id=str(task.id),
        name=name_of(task),
        description=task.description or "",
        expected_output=task.expected_output or "",
        agent=task.agent.role if task.agent else "",
        tools=_names(task.tools),
    )


def name_of(task: Any) -> str:
    """Return the name of a task; that of a nameless one is the first line of its description."""
    if task is None:
        return ""
    name = getattr(task, "name", None) or (task.description or "").strip().partition("\n")[0]
    return str(name) if len(name) <= 80 else f"{name[:79]}…"  # noqa: PLR2004 - a line's length


def _names(tools: Any) -> tuple[str, ...]:
    return tuple(str(tool.name) for tool in tools or ())
