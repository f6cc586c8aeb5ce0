"""What a person who builds or serves the site must be told, in one sentence."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Literal

from mkdocs.exceptions import ConfigurationError

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig


_to_be_served = False


def on_startup(command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
    """Note whether the site is about to be served."""
    global _to_be_served
    _to_be_served = command == "serve"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out, in a copy for reading offline, what needs a server.

    Stop before the first build where the address to serve at is taken.
    """
    global _to_be_served
    if config.plugins["material/offline"].config.enabled:
        config.theme["features"].remove("navigation.instant")
    if _to_be_served:
        _to_be_served = False
        refuse_if_taken(*config.dev_addr)
    return config


def refuse_if_taken(host: str, port: int) -> None:
    """Raise ConfigurationError where nobody can listen at an address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                f"The site cannot be served at http://{host}:{port}/:"
                f" {(error.strerror or str(error)).lower()}."
                f" Add another address: --dev-addr 127.0.0.1:8001"
            ) from None
