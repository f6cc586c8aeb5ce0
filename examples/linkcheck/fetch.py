"""Ask for one address, and read no more of the reply than is needed.

GET and not HEAD: of a page the links and ids are wanted anyway, and many
servers answer HEAD otherwise than GET, or not at all.
"""

import asyncio
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from .document import Document
from .report import Page

WHOLE = 5_000_000  # bytes; no more of a page is read
ENOUGH = 65_536  # bytes of anything else: does it come at all?
HTML = {"text/html", "application/xhtml+xml"}
CHARSET = re.compile(rb"""(?i)<meta[^>]+charset\s*=\s*["']?([\w-]+)""")


@dataclass(frozen=True)
class Fetcher:
    """Asks for addresses, each within so many seconds."""

    session: aiohttp.ClientSession
    seconds: float

    async def check(self, url: str) -> Page:
        """Ask for `url`, and say what came of it."""
        try:
            async with (
                asyncio.timeout(self.seconds),
                self.session.get(url) as reply,
            ):
                if not 200 <= reply.status < 300:
                    return Page(url, f"{reply.status} {phrase(reply.status)}".strip())
                is_html = reply.content_type in HTML
                body = await first(WHOLE if is_html else ENOUGH, reply)
        except TimeoutError:
            return Page(url, f"not here after {self.seconds:g} seconds")
        except aiohttp.ClientError as error:
            return Page(url, explain(error))
        except UnicodeError:  # of a host that no name can be; aiohttp lets it out
            return Page(url, "redirects to a malformed address")
        address = str(reply.url)
        if not is_html:
            return Page(url, "", address)
        # A large page takes a while, and others must not be late for that.
        text = decoded(body, reply.charset)
        document = await asyncio.to_thread(Document, text, address)
        ids = document.ids if len(body) < WHOLE else None
        return Page(url, "", address, document.links, ids)


def phrase(status: int) -> str:
    """What HTTP calls a status; a server may say anything."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


async def first(limit: int, reply: aiohttp.ClientResponse) -> bytes:
    """The body of a reply; if it is longer than `limit`, its beginning."""
    body = bytearray()
    while len(body) < limit:
        chunk = await reply.content.read(limit - len(body))
        if not chunk:
            break
        body += chunk
    return bytes(body)


def decoded(body: bytes, charset: str | None) -> str:
    """The text of a page, in the encoding that it says it has, if it has one."""
    said = CHARSET.search(body, 0, 1024)
    for name in (charset, said and said[1].decode()):
        with suppress(LookupError, ValueError):  # not every name is that of a text
            return body.decode(name or "", "replace")
    return body.decode("utf-8-sig", "replace")


def explain(error: aiohttp.ClientError) -> str:
    """What went wrong, in a few words."""
    match error:
        case aiohttp.TooManyRedirects():
            return "redirects without end"
        case aiohttp.ClientConnectorDNSError():
            return "no such host"
        case aiohttp.ClientSSLError():
            return "no safe connection"
        case aiohttp.ClientConnectorError():
            number = error.os_error.errno
            return os.strerror(number) if number else "no connection"
        case aiohttp.InvalidURL():
            return "redirects to a malformed address"
        case aiohttp.NonHttpUrlClientError():
            return "redirects to something else than the web"
        case aiohttp.ClientPayloadError() | aiohttp.ClientConnectionError():
            return "broke off"
        case aiohttp.ClientResponseError():
            return "no answer in HTTP"
    return type(error).__name__
