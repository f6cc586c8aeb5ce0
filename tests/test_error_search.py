"""Who pastes an error message into the search lands on its page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from messages import MESSAGES

pytestmark = pytest.mark.xdist_group("browser")
PASTED = [(it.page, text.strip()) for it in MESSAGES for text in it.pasted]
TYPED = [
    ("concepts/cancellation", "cancel"),
    ("concepts/coroutines", "coroutines"),
    ("concepts/event-loop", "the event loop"),
    ("concepts/time-and-timeouts", "timeouts"),
    ("how-to/concurrent-requests", "concurrent requests"),
    ("how-to/test-without-sleeping", "test code that sleeps"),
    ("reference/errors/no-running-event-loop", "no running event loop"),
    ("reference/errors/was-never-awaited", "never awaited"),
]


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The home page of the site, with a clipboard."""
    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address)
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def search_for(page: Page, text: str, *, paste: bool) -> None:
    """Paste or type some text into an empty search."""
    field = page.get_by_role("textbox", name="Search")
    field.click()
    field.fill("")
    field.press("Shift")  # Material looks when a key comes up
    results = page.locator(".md-search-result__item")
    expect(results).to_have_count(0)
    if paste:
        page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
        field.press("ControlOrMeta+V")
    else:
        page.keyboard.type(text)


def expect_page(page: Page, name: str, *, among: int) -> None:
    """Wait until a page is among the first results."""
    item = f".md-search-result__item:nth-child(-n+{among})"
    link = page.locator(f"{item} > .md-search-result__link[href*='/{name}/']")
    expect(link.first).to_be_visible()


@pytest.mark.parametrize(("name", "text"), PASTED, ids=[text for _, text in PASTED])
def test_a_pasted_message(page: Page, name: str, text: str) -> None:
    """With the reader's own names, paths and addresses in it, its page is first.

    That is so for the message's own line, and for a whole traceback.
    """
    (shape,) = [it.shape for it in MESSAGES if it.page == name]
    assert re.search(shape, text)
    search_for(page, text, paste=True)
    expect_page(page, f"errors/{name}", among=1)


def test_a_mouse_pastes(page: Page) -> None:
    """Material listens to keys; a paste without one is looked for all the same."""
    field = page.get_by_role("textbox", name="Search")
    search_for(page, "", paste=False)
    field.evaluate(
        """(field) => {
          field.dispatchEvent(new ClipboardEvent("paste", { bubbles: true }));
          field.value = "RuntimeError: no running event loop";
        }"""
    )
    expect_page(page, "errors/no-running-event-loop", among=1)


@pytest.mark.parametrize(("name", "text"), TYPED, ids=[text for _, text in TYPED])
def test_what_is_typed(page: Page, name: str, text: str) -> None:
    """Other words lead where they did: the page is among the first three."""
    search_for(page, text, paste=False)
    expect_page(page, name, among=3)
