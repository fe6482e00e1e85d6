"""A forked child does not hide the death of its parent from Ray."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kodosumi.runtime.processes import process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")

WORKER = """
import os, socket, sys, time
from kodosumi.runtime import marks
raylet, other = (socket.socket(socket.AF_UNIX) for _ in range(2))
raylet.connect(sys.argv[1]); other.connect(sys.argv[2])
marks.let_forks_go()
marks.let_forks_go()
child = os.fork()
if child == 0:
    other.sendall(b"here")
    time.sleep(60)
print(child, flush=True)
os._exit(1)
"""


def test_a_forked_child_lets_go_of_the_raylet_and_of_nothing_else(tmp_path: Path) -> None:
    paths = [tmp_path / "raylet", tmp_path / "plasma"]
    servers = [socket.socket(socket.AF_UNIX) for _ in paths]
    for server, path in zip(servers, paths, strict=True):
        server.bind(str(path))
        server.listen()
        server.settimeout(20)
    command = [sys.executable, "-c", WORKER, *map(str, paths)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        raylet, other = (server.accept()[0] for server in servers)
        assert worker.stdout
        child = int(worker.stdout.readline())
        raylet.settimeout(20)
        try:
            assert raylet.recv(10) == b""
            assert other.recv(10) == b"here"
            assert process(child)
        finally:
            os.kill(child, signal.SIGKILL)
            for each in (raylet, other, *servers):
                each.close()
