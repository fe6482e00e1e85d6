from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from panel import Panel, Visitor, panel_in


@pytest.fixture
async def panel(tmp_path: Path) -> AsyncIterator[Panel]:
    async with panel_in(tmp_path) as panel:
        yield panel


@pytest.fixture
async def owner(panel: Panel) -> Visitor:
    return await panel.visitor("owner")


@pytest.fixture
async def nobody(panel: Panel) -> Visitor:
    return await panel.visitor()
