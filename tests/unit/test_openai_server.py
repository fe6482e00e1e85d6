"""The stand-in for OpenAI says the same thing in one piece and in many."""

import json

import httpx

from tests.services.openai_server import OpenAIServer, Refusal, ToolUse

MESSAGES = [{"role": "system", "content": "You are Hymn writer. Old."}]


def ask(server: OpenAIServer, **more: object) -> httpx.Response:
    body = {"model": "m", "messages": MESSAGES} | more
    return httpx.post(f"{server.base_url}/chat/completions", json=body)


def test_the_answer_and_its_tokens_are_the_same_streamed() -> None:
    with OpenAIServer({"Hymn writer": "O light of\n\nmorning"}) as server:
        plain = ask(server).json()
        lines = ask(server, stream=True, stream_options={"include_usage": True}).text.splitlines()
    *pieces, done = [line.removeprefix("data: ") for line in lines if line]
    chunks = [json.loads(piece) for piece in pieces]
    said = [c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"]]
    assert done == "[DONE]"
    assert len(said) > 4
    assert "".join(said) == plain["choices"][0]["message"]["content"] == "O light of\n\nmorning"
    assert chunks[-1]["usage"] == plain["usage"]
    assert server.tokens == (2 * plain["usage"]["prompt_tokens"], 8)


def test_it_can_ask_for_a_tool_and_refuse() -> None:
    answers = iter([ToolUse("count", {"n": 1}), Refusal(401, "wrong key")])
    with OpenAIServer(lambda _: next(answers)) as server:
        asked = ask(server).json()["choices"][0]
        refused = ask(server)
    assert asked["finish_reason"] == "tool_calls"
    assert asked["message"]["tool_calls"][0]["function"] == {
        "name": "count",
        "arguments": '{"n": 1}',
    }
    assert (refused.status_code, refused.json()["error"]["message"]) == (401, "wrong key")
