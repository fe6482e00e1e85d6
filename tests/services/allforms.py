"""A form with every element; its job returns the inputs."""

from fastapi import Request
from ray import serve

from kodosumi.core import Launch, ServeAPI
from kodosumi.core import forms as F  # noqa: N812 - the name that authors know

app = ServeAPI()
OPTIONS = [F.InputOption("red", "Red"), F.InputOption("green", "Green", value=True)]

form = F.Model(
    F.Markdown("# Every element\n\nWith **Markdown**."),
    F.Errors(),
    F.InputText("text", "Text", required=True, placeholder="three letters", pattern="[a-z]{3}"),
    F.InputSearch("search", "Search"),
    F.InputEmail("email", "E-mail"),
    F.InputUrl("url", "URL"),
    F.InputTel("tel", "Telephone"),
    F.InputPassword("password", "Password", min_length=3),
    F.InputNumber("number", "Number", 5, min_value=1, max_value=10),
    F.InputRange("range", "Range", 50, min_value=0, max_value=100, step=10),
    F.InputArea("area", "Area", rows=4, max_length=100),
    F.HR(),
    F.InputDate("date", "Date", min_date="2020-01-01"),
    F.InputTime("time", "Time"),
    F.InputDateTime("datetime", "Date and time"),
    F.InputMonth("month", "Month"),
    F.InputWeek("week", "Week"),
    F.InputColor("color", "Colour", "#336699"),
    F.Break(),
    F.HTML("<p>Some <em>HTML</em>.</p>"),
    F.Checkbox("check", "I agree", "Terms"),
    F.Select("select", OPTIONS, "Select"),
    F.InputRadio("radio", OPTIONS, "Radio"),
    F.InputHidden("hidden", "unseen"),
    F.InputFiles("files", "Files", multiple=True),
    F.DisplayInfo("Shown in the manner of a field.", "Info"),
    F.Submit("Send"),
    F.Action("action", "other", text="Send otherwise"),
    F.Cancel("Cancel"),
)


@app.enter("/", form, summary="Every element", description="All elements.", tags=["test", "forms"])
async def everything(inputs: dict, request: Request):
    return Launch(request, "tests.services.work:echo", inputs)


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(app)
class AllForms:
    pass


fast_app = AllForms.bind()
