"""The Armstrong example: its search, and what its form refuses."""

from importlib import import_module

import pytest
from httpx import ASGITransport, AsyncClient

from apps.armstrong.search import armstrong_numbers, pieces


def test_search():
    assert armstrong_numbers(1, 9999)[9:] == [153, 370, 371, 407, 1634, 8208, 9474]
    assert armstrong_numbers(154, 370) == [370]


@pytest.mark.parametrize(("first", "last", "count"), [(1, 7, 20), (1, 100, 20), (10, 1003, 7)])
def test_pieces_cover_all_once(first, last, count):
    parts = list(pieces(first, last, count))
    assert [n for a, b in parts for n in range(a, b + 1)] == list(range(first, last + 1))
    assert len(parts) <= count


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Ray Serve's own modules
@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"limit": "", "tasks": "4"}, "limit"),
        ({"limit": "10000001", "tasks": "4"}, "limit"),
        ({"limit": "100", "tasks": "0"}, "tasks"),
        ({"limit": "20", "tasks": "30"}, "tasks"),
        ({"limit": "9", "tasks": "1"}, "_global_"),
    ],
)
async def test_inputs_are_checked(inputs, field):
    app = import_module("apps.armstrong.app").app
    async with AsyncClient(transport=ASGITransport(app), base_url="http://service") as client:
        errors = (await client.post("/", json=inputs)).json()["errors"]
    assert [name for name, messages in errors.items() if messages] == [field]
