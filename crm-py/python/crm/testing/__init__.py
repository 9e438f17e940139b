"""For tests of a host: strategies of Hypothesis, and a state machine to subclass.

    from crm.testing import strategies, machine

The fixtures of pytest are in `crm.fixtures`, and there as soon as the package is installed.
"""

from __future__ import annotations

try:
    from crm.testing import machine, strategies
except ImportError:
    raise ImportError("`crm.testing` needs Hypothesis: pip install 'crm[testing]'")  # noqa: B904

__all__ = ["machine", "strategies"]
