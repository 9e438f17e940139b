"""For tests of a host: strategies of Hypothesis, a state machine to subclass, and fixtures of pytest.

    from crm.testing import strategies, machine

Fixtures (`crm_clock`, `crm_waited`, `crm_awaited`) are there as soon as the package is installed with pytest.
"""

from __future__ import annotations

try:
    from crm.testing import machine, strategies
except ImportError:
    raise ImportError("`crm.testing` needs Hypothesis: pip install 'crm[testing]'")  # noqa: B904

__all__ = ["machine", "strategies"]
