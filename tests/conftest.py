"""What all tests share: no test reaches beyond this machine."""

import pytest
import pytest_socket

OWN_ADDRESSES = ["127.0.0.1", "::1"]
FREE = ("ray", "browser", "packaging")


def pytest_runtest_setup(item: pytest.Item) -> None:
    # Ray uses the machine's own address; browsers and installers are processes of their own.
    if not any(item.get_closest_marker(name) for name in FREE):
        pytest_socket.socket_allow_hosts(OWN_ADDRESSES, allow_unix_socket=True)
