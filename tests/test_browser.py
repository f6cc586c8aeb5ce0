"""The site in Chromium: wide, narrow, light, dark, by keyboard, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from programs import DOCS, EXAMPLES, pages, programs

KINDS = ["index", "coroutines", "test_without_sleeping", "examples", "where_next"]
LONGEST = max(programs(), key=lambda program: len(program.path.name))
SCREENS = {"desktop": (1280, 800), "phone": (360, 740)}
SCHEMES = {"light": "default", "dark": "slate"}  # and Material's names for them
pytestmark = pytest.mark.xdist_group("browser")  # one Chromium for all


def url_of(slug: str) -> str:
    """The address of a page below that of the site."""
    name = pages()[slug].relative_to(DOCS).with_suffix("").as_posix()
    return "" if name == "index" else f"{name}/"


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest) -> dict[str, int]:
    """A desktop's window and a phone's."""
    width, height = SCREENS[request.param]
    return {"width": width, "height": height}


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    """What the reader's system prefers."""
    return request.param


@pytest.fixture
def page(browser: Browser, screen: dict[str, int], scheme: str) -> Iterator[Page]:
    """An empty tab; whatever goes wrong in it fails the test."""
    context = browser.new_context(viewport=screen, color_scheme=scheme)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    tab.on("requestfailed", lambda failed: wrong.append(failed.url))
    yield tab
    context.close()
    assert wrong == []


one_screen = pytest.mark.parametrize("screen", ["desktop"], indirect=True)
one_scheme = pytest.mark.parametrize("scheme", ["light"], indirect=True)


@one_screen
@one_scheme
@pytest.mark.parametrize("slug", [*KINDS, "404"])
def test_axe_finds_nothing_serious(page: Page, address: str, slug: str) -> None:
    """Contrast, names, roles, order of headings: on each kind of page."""
    page.goto(address + ("404.html" if slug == "404" else url_of(slug)))
    # Out of sight, a block would keep the colours of the scheme before.
    page.add_style_tag(content="* { content-visibility: visible !important }")
    switches = page.locator("[name=__palette]")
    for name, scheme in [("desktop", "light"), ("desktop", "dark"), ("phone", "light")]:
        width, height = SCREENS[name]
        page.set_viewport_size({"width": width, "height": height})
        switches.nth([*SCHEMES].index(scheme)).evaluate("it => it.click()")
        chosen = SCHEMES[scheme]
        expect(page.locator("body")).to_have_attribute("data-md-color-scheme", chosen)
        serious = [
            f"{name}, {scheme}: {rule['id']}: {node['html'][:200]}"
            for rule in Axe().run(page).response["violations"]
            if rule["impact"] in {"serious", "critical"}
            for node in rule["nodes"]
        ]
        assert serious == []


def too_wide(tab: Page, url: str) -> list[str]:
    """The screens of which a page needs more than the width."""
    wide = []
    for name, (width, height) in SCREENS.items():
        tab.set_viewport_size({"width": width, "height": height})
        if tab.url != url:
            tab.goto(url)
        needed = tab.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            wide.append(f"{name}: {needed} pixels")
    return wide


@pytest.fixture(scope="module")
def tab_without_scripts(browser: Browser) -> Iterator[Page]:
    """One tab for all, since what it opens leaves nothing behind."""
    with closing(browser.new_context(java_script_enabled=False)) as context:
        yield context.new_page()


@pytest.mark.parametrize("slug", pages())
def test_a_page_fits_the_screen(
    tab_without_scripts: Page, address: str, slug: str
) -> None:
    """Nothing makes a page scroll sideways; code scrolls in its own frame."""
    assert too_wide(tab_without_scripts, address + url_of(slug)) == []


@one_screen
@one_scheme
@pytest.mark.parametrize("slug", [*KINDS, "playground", LONGEST.folder])
def test_a_page_fits_the_screen_with_its_buttons(
    page: Page, address: str, slug: str
) -> None:
    """So it is with what scripts put beside a program, of the longest name too."""
    assert too_wide(page, address + url_of(slug)) == []


@one_screen
@one_scheme
@pytest.mark.parametrize("slug", KINDS)
def test_a_page_asks_only_its_own_host(page: Page, address: str, slug: str) -> None:
    """Not one request leaves for another server, scripts and styles included."""
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.goto(address + url_of(slug))
    page.wait_for_timeout(1000)  # ms: a large page may never be called idle
    assert hosts == {urlsplit(address).netloc}


@one_scheme
def test_home_shows_a_program_and_its_output_at_once(page: Page, address: str) -> None:
    """The first screen has code and what it prints."""
    page.goto(address)
    output = page.locator(".language-text.highlight").first
    box = output.bounding_box()
    assert box
    assert box["y"] < page.viewport_size["height"]


@one_screen
def test_the_scheme_follows_the_system_and_the_reader(
    page: Page, address: str, scheme: str
) -> None:
    """Dark where the system is dark; the switch works by keyboard, and is kept."""
    mine = SCHEMES[scheme]
    (other,) = set(SCHEMES.values()) - {mine}
    page.goto(address)
    body = page.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", mine)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "__palette":
            break
    page.keyboard.press("Enter")
    expect(body).to_have_attribute("data-md-color-scheme", other)
    page.reload()
    expect(body).to_have_attribute("data-md-color-scheme", other)


@one_screen
@one_scheme
def test_the_search_index_comes_when_it_is_wanted(page: Page, address: str) -> None:
    """A first visit does not load it; going to the search does, once."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(address + url_of("coroutines"))
    page.wait_for_load_state("networkidle")
    assert "/search/search_index.json" not in asked
    with page.expect_response("**/search/search_index.json"):
        page.get_by_role("textbox", name="Search").click()
    page.keyboard.type("await")
    expect(page.locator(".md-search-result__link").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert asked.count("/search/search_index.json") == 1


@one_scheme
def test_search_finds_an_error_message_by_keyboard(page: Page, address: str) -> None:
    """A reader pastes what Python said, and lands where it is explained."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    page.keyboard.type("coroutine was never awaited")
    result = page.locator(".md-search-result__link").first
    expect(result).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reference/errors/was-never-awaited/**")
    expect(page.locator(".md-content h1")).to_contain_text("was never awaited")


@one_screen
@one_scheme
def test_a_program_is_copied_by_keyboard(page: Page, address: str) -> None:
    """The button beside a program puts the file's text on the clipboard."""
    page.goto(address + url_of("coroutines"))
    name = "calling_is_not_running"
    block = page.locator(".language-python.highlight", has_text=f"{name}.py").first
    button = block.get_by_role("button", name=f"Copy {name}.py")
    button.focus()
    page.keyboard.press("Enter")
    program = (EXAMPLES / "coroutines" / f"{name}.py").read_text("utf-8")
    page.wait_for_function(
        "async (text) => (await navigator.clipboard.readText()).trim() === text",
        arg=program.strip(),
        timeout=5000,
    )


@one_scheme
@pytest.mark.parametrize("screen", ["phone"], indirect=True)
def test_long_lines_can_be_read_by_keyboard(page: Page, address: str) -> None:
    """A block that scrolls takes the focus, and the arrow keys move it."""
    page.goto(address + url_of("coroutines"))
    block = page.locator(".language-python.highlight pre code").first
    block.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")


@one_screen
@one_scheme
def test_the_first_tab_stop_skips_to_the_content(page: Page, address: str) -> None:
    """Who uses the keyboard need not walk through the navigation."""
    page.goto(address + url_of("coroutines"))
    page.keyboard.press("Tab")
    skip = "document.activeElement.classList.contains('md-skip')"
    assert page.evaluate(skip)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "document.activeElement.closest('article') !== null"
    assert page.evaluate(inside)


@one_screen
@one_scheme
def test_the_next_page_comes_without_a_reload(page: Page, address: str) -> None:
    """Following the footer keeps the page alive, and decorates the new one."""
    page.goto(address + url_of("coroutines"))
    page.wait_for_load_state("networkidle")
    page.evaluate("window.alive = true")
    page.locator(".md-footer__link--next").click()
    expect(page.locator(".md-content h1")).to_contain_text("event loop")
    assert page.evaluate("window.alive")
    names = page.locator("article button[data-md-type=copy]:visible").evaluate_all(
        "buttons => buttons.map(button => button.getAttribute('aria-label'))"
    )
    assert len(names) == len(set(names)) > 0


@pytest.mark.parametrize("size", SCREENS.values(), ids=SCREENS)
def test_a_page_is_whole_without_scripts(
    browser: Browser, address: str, size: tuple[int, int]
) -> None:
    """Code, output, download, navigation are there; no button is dead."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": size[0], "height": size[1]}
    )
    tab = context.new_page()
    tab.goto(address + url_of("coroutines"))
    code = tab.locator(".language-python.highlight code").first
    expect(code).to_contain_text("asyncio.run(main())")
    expect(tab.locator(".language-text.highlight code").first).to_be_visible()
    assert tab.locator("article button:visible").count() == 0
    expect(tab.locator("a.download").first).to_be_visible()
    tab.locator(".md-footer__link--next").click()
    expect(tab.locator(".md-content h1")).to_contain_text("event loop")
    context.close()
