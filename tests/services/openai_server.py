"""A small server that speaks OpenAI's chat API, plain and streaming, with answers known before.

    with OpenAIServer({"Hymn writer": "O light …"}) as server:
        run_something(base_url=server.base_url)
    assert server.tokens == (120, 48)

By hand, to try a service without a key: `python tests/services/openai_server.py 8099`.
"""

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

ROLE = re.compile(r"You are (.+?)\.\s")


@dataclass(frozen=True)
class ToolUse:
    """An answer that asks for a tool instead of giving text."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    """An answer that is an HTTP error."""

    status: int
    message: str


Answer = str | ToolUse | Refusal


@dataclass(frozen=True)
class Call:
    """One request and what was answered; tokens are words, counted on both sides."""

    body: dict[str, Any]
    answer: Answer

    @property
    def stream(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def input_tokens(self) -> int:
        return sum(len(str(message.get("content") or "").split()) for message in self.messages)

    @property
    def output_tokens(self) -> int:
        return len(self.answer.split()) if isinstance(self.answer, str) else 1

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.body["messages"]

    @property
    def role(self) -> str:
        """The agent's role, as CrewAI writes it into the system prompt; "" without one."""
        found = ROLE.search(str(self.messages[0].get("content")) + " ")
        return found[1] if found else ""

    @property
    def after_tool(self) -> bool:
        """True when the last message brings a tool's result."""
        return any(message.get("role") == "tool" for message in self.messages[-2:])

    @property
    def usage(self) -> dict[str, int]:
        return {
            "prompt_tokens": self.input_tokens,
            "completion_tokens": self.output_tokens,
            "total_tokens": self.input_tokens + self.output_tokens,
        }


Script = Mapping[str, Answer] | Callable[[Call], Answer]
"""Answers by agent role, or a function of the request (whose `answer` is still empty)."""


@dataclass
class OpenAIServer:
    """A context manager that serves on a free loopback port until it is left.

    `gate` is asked before each streamed piece after the first: clear it to hold the answer open.
    """

    script: Script = field(default_factory=dict)
    port: int = 0
    calls: list[Call] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.gate.set()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._http.daemon_threads = True
        self.port = self._http.server_port
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.gate.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def tokens(self) -> tuple[int, int]:
        """Input and output tokens of all calls so far."""
        return (
            sum(call.input_tokens for call in self.calls),
            sum(call.output_tokens for call in self.calls),
        )

    def take(self, body: dict[str, Any]) -> Call:
        """Answer `body` and remember it."""
        asked = Call(body, "")
        if callable(self.script):
            answer = self.script(asked)
        else:
            answer = self.script.get(asked.role, f"An answer by {asked.role or 'nobody'}.")
        call = Call(body, answer)
        self.calls.append(call)
        return call


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: OpenAIServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""

    def do_GET(self) -> None:
        self._json(200, {"object": "list", "data": [{"id": "test-model", "object": "model"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.endswith("/chat/completions"):
            return self._json(404, _error(f"no such path: {self.path}"))
        call = self.owner.take(body)
        if isinstance(call.answer, Refusal):
            return self._json(call.answer.status, _error(call.answer.message))
        return self._stream(call) if call.stream else self._json(200, _completion(call))

    def _json(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, call: Call) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with suppress(ConnectionError):
            for chunk in _chunks(call):
                self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
                self.owner.gate.wait(60)
            self.wfile.write(b"data: [DONE]\n\n")


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": None}}


def _envelope(call: Call, kind: str, **more: object) -> dict[str, Any]:
    return {
        "id": "chatcmpl-test",
        "object": kind,
        "created": 1,
        "model": call.body.get("model", ""),
        **more,
    }


def _message(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, ToolUse):
        function = {"name": answer.name, "arguments": json.dumps(answer.arguments)}
        tool = {"index": 0, "id": "call_test", "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [tool]}
    return {"role": "assistant", "content": answer}


def _completion(call: Call) -> dict[str, Any]:
    choice = {"index": 0, "message": _message(call.answer), "finish_reason": _reason(call)}
    return _envelope(call, "chat.completion", choices=[choice], usage=call.usage)


def _chunks(call: Call) -> Iterator[dict[str, Any]]:
    """Yield the answer word by word, then the reason, then (if asked for) the usage."""
    for delta in _deltas(call.answer):
        choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": None}
        yield _envelope(call, "chat.completion.chunk", choices=[choice])
    end = {"index": 0, "delta": {}, "finish_reason": _reason(call)}
    yield _envelope(call, "chat.completion.chunk", choices=[end])
    if (call.body.get("stream_options") or {}).get("include_usage"):
        yield _envelope(call, "chat.completion.chunk", choices=[], usage=call.usage)


def _deltas(answer: Answer) -> Iterator[dict[str, Any]]:
    if not isinstance(answer, str):
        yield _message(answer)
        return
    for word in re.findall(r"\S+\s*|\s+", answer):
        yield {"role": "assistant", "content": word}


def _reason(call: Call) -> str:
    return "tool_calls" if isinstance(call.answer, ToolUse) else "stop"


if __name__ == "__main__":
    with OpenAIServer(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as served:
        print(f"OPENAI_API_KEY=any OPENAI_API_BASE={served.base_url}", flush=True)  # noqa: T201
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
