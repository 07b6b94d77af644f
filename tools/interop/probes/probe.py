"""What the Python probes share: their settings, and reporting one JSON line per step."""

import asyncio
import json
import os
import sys
import time


class Settings:
    """The settings of one probe, from the environment."""

    def __init__(self):
        env = os.environ
        self.host = env["XW_HOST"]
        self.port = int(env["XW_PORT"])
        self.jid = env["XW_JID"]
        self.domain = self.jid.split("/")[0].split("@")[-1]
        self.password = env["XW_PASSWORD"]
        self.ca = env["XW_CA"]
        self.direct_tls = env.get("XW_TLS") == "direct"
        self.peer = env.get("XW_PEER")
        self.mechanism = env.get("XW_MECHANISM")
        self.login_only = env.get("XW_MODE") == "login"


_started = time.monotonic()


def report(step, ok, detail=""):
    """Says how a step went; the runner matches cases with these lines."""
    line = {"step": step, "ok": bool(ok), "detail": str(detail), "ms": round((time.monotonic() - _started) * 1000)}
    print(json.dumps(line), flush=True)


async def attempt(step, work, seconds=8.0):
    """Runs one step; its value is the detail. A step that fails does not keep the later ones from running."""
    try:
        report(step, True, await asyncio.wait_for(work, seconds) or "")
        return True
    except Exception as error:  # pylint: disable=broad-except
        report(step, False, f"{type(error).__name__}: {error}")
        return False


class Waiting:
    """Futures by name: a handler resolves what a step waits for, whichever comes first."""

    def __init__(self):
        self._futures = {}

    def __getitem__(self, name):
        if name not in self._futures:
            self._futures[name] = asyncio.get_event_loop().create_future()
        return self._futures[name]

    def resolve(self, name, value=None):
        if not self[name].done():
            self[name].set_result(value)


def trace_to(path_variable="XW_TRACE"):
    """Logs the probe's own view of the wire to standard error when asked for."""
    if os.environ.get(path_variable):
        import logging

        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(name)s %(message)s")
