"""The parts of `koco start` that deal with Ray: one of our own, or one that runs already."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx

from kodosumi.cli.config import environment
from kodosumi.cli.examples import follow
from kodosumi.cli.failures import Trouble
from kodosumi.cli.processes import Child
from kodosumi.cli.supervisor import say
from kodosumi.cluster.local_ray import LocalRay
from kodosumi.cluster.serve_config import Config, check_config, names
from kodosumi.cluster.serve_deployer import ServeDeployer, auth_headers
from kodosumi.domain.errors import DomainError

START = 150.0
"""Seconds that Ray may take to start; a loaded machine needs many."""

TRIES = 2
PATIENCE = 10.0
"""Seconds that Ray may take to stop."""


class OwnRay:
    """A Ray of our own with Serve, and `config` deployed on it; started again when it ends."""

    def __init__(self, ray: LocalRay, env: Mapping[str, str], log: Path, config: Config) -> None:
        self._ray = ray
        self._config = config
        self._log = log
        self._env = env
        self._child = Child(ray.command(), env, log)
        self._http = httpx.AsyncClient(trust_env=False, headers=auth_headers(env))

    async def run(self) -> None:
        """See Part."""
        while True:
            await self._start()
            deployer = ServeDeployer(self._ray.dashboard_url, self._http, self._env)
            await deploy(deployer, self._config)
            code = await self._child.wait()
            say(f"Ray has ended by itself (exit code {code}), and its jobs with it; {self._log}.")
            await self._child.stop(0)

    async def stop(self) -> None:
        """See Part."""
        await self._child.stop(PATIENCE)
        await self._http.aclose()
        self._ray.remove()

    def kill(self) -> None:
        """See Part."""
        self._child.kill()

    async def _start(self) -> None:
        for again in range(TRIES):
            say(f"Starting Ray{' once more' if again else ''} at {self._ray.address}.")
            self._ray.forget()
            await self._child.start()
            if await self._comes_up():
                say(f"Ray is up. Its dashboard: {self._ray.dashboard_url}")
                return
            await self._child.stop(0)
            say(f"Ray did not start. {_last_words(self._log)}")
        msg = f"Ray does not start. The whole story is in {self._log}."
        raise Trouble(msg)

    async def _comes_up(self) -> bool:
        """Wait until Ray answers; False when it ends, or takes too long."""
        up = asyncio.create_task(self._ray.wait_up(self._http))
        over = asyncio.create_task(self._child.wait())
        await asyncio.wait({up, over}, timeout=START, return_when=asyncio.FIRST_COMPLETED)
        came = up.done()
        for task in (up, over):
            task.cancel()
        await asyncio.gather(up, over, return_exceptions=True)
        return came


class JoinedRay:
    """A Ray that runs already: `config` is deployed there unless it would replace others."""

    def __init__(self, dashboard_url: str, config: Config) -> None:
        self._url = dashboard_url
        self._config = config

    async def run(self) -> None:
        """See Part."""
        if names(self._config):
            async with httpx.AsyncClient(trust_env=False) as http:
                await self._deploy(ServeDeployer(self._url, http, environment()))
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """See Part: nothing was started."""

    def kill(self) -> None:
        """See Part: nothing was started."""

    async def _deploy(self, deployer: ServeDeployer) -> None:
        there = {app.name for app in await deployer.status()}
        if others := ", ".join(sorted(there - set(names(self._config)))):
            say(f"The examples are left out: they would replace what runs there: {others}.")
        else:
            await deploy(deployer, self._config)


async def deploy(deployer: ServeDeployer, config: Config) -> None:
    """Start Serve with `config` and tell how it goes; what fails there is only told."""
    apps = ", ".join(names(config))
    say(f"Deploying {apps}; the panel can be used meanwhile." if apps else "Starting Serve.")
    try:
        await asyncio.to_thread(check_config, config, "The config")
        await deployer.deploy(config)
        if apps:
            await follow(deployer, say)
    except DomainError as error:
        say(f"The deployment failed: {error}")


def _last_words(log: Path) -> str:
    with suppress(OSError):
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        return "Its last words: " + lines[-1].strip() if lines else ""
    return ""
