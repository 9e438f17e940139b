"""The secret that signs tokens, where nobody sets `SECRET_KEY`: drawn once and kept in a file for all processes."""

import os
import secrets
from pathlib import Path


def kept_secret(name: str) -> str:
    """The secret in a file of this name, made by whoever comes first."""
    file = Path(name)
    if not file.exists():
        drawn = Path(f"{name}.{os.getpid()}")
        drawn.touch(mode=0o600)
        drawn.write_text(secrets.token_hex(32))
        try:
            # A link is made whole or not at all, and only once.
            os.link(drawn, file)
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
    return file.read_text()
