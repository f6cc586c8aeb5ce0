"""What a person who builds or serves the site must be told, in one sentence."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from mkdocs.exceptions import ConfigurationError

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out, in a copy for reading offline, what needs a server."""
    if config.plugins["material/offline"].config.enabled:
        config.theme["features"].remove("navigation.instant")
    return config


def on_serve(server: LiveReloadServer, **_: Any) -> LiveReloadServer:
    """Stop where the address is taken, before a traceback does."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(server.server_address)
        except OSError as error:
            raise ConfigurationError(
                f"The site cannot be served at {server.url}:"
                f" {(error.strerror or str(error)).lower()}."
                f" Add another address: --dev-addr 127.0.0.1:8001"
            ) from None
    return server
