"""Accounts, for services that have no users of their own: registration, passwords, log-in, tokens.

``Accounts`` here is awaited; ``crm.blocking.Accounts`` has the same methods and is waited for.
"""

from __future__ import annotations

from crm._accounts import Account, Authenticated, Entered, Founded, Tokens
from crm.client import Accounts

__all__ = ["Account", "Accounts", "Authenticated", "Entered", "Founded", "Tokens"]
