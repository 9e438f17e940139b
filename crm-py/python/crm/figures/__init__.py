"""What reports tell: exact figures, as immutable values, each number of rows with its receipt.

The classes have the names and the fields of the engine's; what each figure means is defined in the documentation of analytics.
"""

from __future__ import annotations

from crm.figures import base, deals, leads, marketing, money
from crm.figures.base import *  # noqa: F403
from crm.figures.deals import *  # noqa: F403
from crm.figures.leads import *  # noqa: F403
from crm.figures.marketing import *  # noqa: F403
from crm.figures.money import *  # noqa: F403

__all__ = [
    *base.__all__,
    *deals.__all__,
    *leads.__all__,
    *marketing.__all__,
    *money.__all__,
]
