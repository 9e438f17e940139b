"""One bridge from the runtime for each event loop."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from crm._crm import Bridge

_bridges: WeakKeyDictionary[asyncio.AbstractEventLoop, Bridge] = WeakKeyDictionary()


def waiting() -> tuple[asyncio.Future[object], Bridge]:
    """A future of the running loop, and the bridge to it."""
    loop = asyncio.get_running_loop()
    bridge = _bridges.get(loop)
    if bridge is None:
        bridge = _bridges[loop] = Bridge()
        loop.add_reader(bridge.fileno(), bridge.drain)
    return loop.create_future(), bridge
