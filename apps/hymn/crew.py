"""The crew: imported by the job only, because `import crewai` takes seconds."""

from crewai import LLM, Agent, Crew, Task

from apps.hymn.endpoint import MISSING, endpoint
from kodosumi.core import KodosumiError

found = endpoint()
if found is None:
    raise KodosumiError(MISSING)

llm = LLM(
    model=f"openai/{found.model}",
    api_key=found.key,
    base_url=found.base,
    stream=True,
)

writer = Agent(
    role="Hymn writer",
    goal="Write a hymn in {language} about {topic} that a congregation can sing",
    backstory="You have written hymns for forty years. You like plain words and strong images.",
    llm=llm,
)

editor = Agent(
    role="Hymn editor",
    goal="Make the hymn fit to print: metre, rhyme and sense are right in every stanza",
    backstory="You sing each line aloud before you let it pass.",
    llm=llm,
)

draft = Task(
    name="draft",
    description="Write a hymn in {language} about {topic}. It has exactly {stanzas} stanzas of "
    "four lines in common metre.",
    expected_output="The text of the hymn: a title, then the stanzas with a blank line between.",
    agent=writer,
)

review = Task(
    name="review",
    description="Review the draft of the hymn about {topic}. Mend what does not scan, rhyme or "
    "make sense. Keep {stanzas} stanzas, and the language, {language}.",
    expected_output="The finished hymn and nothing else, as Markdown: the title as a heading, "
    "each stanza a paragraph, its lines ending with two spaces.",
    agent=editor,
    context=[draft],
)

crew = Crew(name="hymn", agents=[writer, editor], tasks=[draft, review])
