"""The player of a timeline, in Chromium: marks and lines, Play, step, scrub."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from draw_timeline import block, figure, svg
from draw_timeline import page as whole_page
from programs import DOCS
from running import serve
from test_draw_timeline import crowd, requests

SCRIPT = DOCS / "assets" / "js" / "timeline.js"
STYLE = DOCS / "assets" / "css" / "timeline.css"
pytestmark = pytest.mark.xdist_group("player")  # one Chromium for all

SOURCE = """\
import asyncio


async def brew(drink, seconds):
    print(f"{drink}: on")
    await asyncio.sleep(seconds)
    print(f"{drink}: ready")


async def main():
    await asyncio.gather(brew("tea", 0.1), brew("coffee", 0.05))


asyncio.run(main())
"""
OUTPUT = "tea: on\ncoffee: on\ncoffee: ready\ntea: ready\n"
TEA, COFFEE = "brew('tea', 0.1)", "brew('coffee', 0.05)"


def event(t: int, who: str, ev: str, **more: Any) -> dict[str, Any]:
    """An event; time in microseconds."""
    return {"t": t, "who": who, "ev": ev, **more}


def prints(t: int, who: str, text: str, line: int) -> dict[str, Any]:
    """The event of a line on standard output."""
    return event(t, who, "print", text=text, stream="out", line=line)


def sleeps(t: int, who: str, label: str) -> dict[str, Any]:
    """The event of the wait in brew()."""
    return event(t, who, "wait", kind="sleep", label=label, line=6)


EVENTS = [
    event(100, "T1", "create", by="main", line=14),
    event(200, "T1", "run", lines=[[11, 210]]),
    event(220, "T2", "create", by="T1", line=11),
    event(240, "T3", "create", by="T1", line=11),
    event(300, "T1", "wait", kind="tasks", label="gather()", line=11, on=["T2", "T3"]),
    event(400, "T2", "run", lines=[[5, 410], [6, 440]]),
    prints(430, "T2", "tea: on", 5),
    sleeps(500, "T2", "sleep(0.1)"),
    event(600, "T3", "run", lines=[[5, 610], [6, 640]]),
    prints(630, "T3", "coffee: on", 5),
    sleeps(700, "T3", "sleep(0.05)"),
    event(800, "loop", "idle", dur=49_900),
    event(50_800, "T3", "ready", by="timer"),
    event(50_900, "T3", "run", lines=[[7, 50_910]]),
    prints(50_950, "T3", "coffee: ready", 7),
    event(51_000, "T3", "end", how="returned", detail="None"),
    event(51_100, "loop", "idle", dur=49_500),
    event(100_700, "T2", "ready", by="timer"),
    event(100_800, "T2", "run", lines=[[7, 100_810]]),
    prints(100_850, "T2", "tea: ready", 7),
    event(100_900, "T2", "end", how="returned", detail="None"),
    event(101_000, "T1", "ready", by="T2"),
    event(101_100, "T1", "run"),
    event(101_200, "T1", "end", how="returned", detail="None"),
]
TRACE: dict[str, Any] = {
    "version": 1,
    "python": "3.13.0",
    "script": "tea.py",
    "sha256": "0123456789abcdef",
    "complete": True,
    "error": None,
    "tasks": {
        "T1": {"name": "Task-1", "call": "main()", "shown": True},
        "T2": {"name": "Task-2", "call": TEA, "shown": True},
        "T3": {"name": "Task-3", "call": COFFEE, "shown": True},
    },
    "events": EVENTS,
}
OTHER = TRACE | {"script": "other.py", "sha256": "fedcba9876543210"}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Where the files of `tmp_path` are served, on this machine."""
    with serve(tmp_path) as address:
        yield address


Show = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, served: str, tmp_path: Path) -> Iterator[Show]:
    """Open a page, with any options of a browser's context; no error in it."""
    contexts, wrong = [], list[str]()

    def show(html: str, **options: Any) -> Page:
        (tmp_path / "page.html").write_text(html, "utf-8")
        (tmp_path / "favicon.ico").touch()
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.clock.install()
        page.goto(f"{served}page.html")
        return page

    yield show
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def page(show: Show) -> Page:
    """The page of the program above, as draw_timeline.py writes it."""
    return show(whole_page(TRACE, SOURCE))


def site_page(*figures: str, script: str = "") -> str:
    """A page with both programs, their figures and the player's files."""
    style, player = STYLE.read_text("utf-8"), SCRIPT.read_text("utf-8")
    return (
        f"<!doctype html><title>Two</title><style>{style}</style>{script}"
        f"<body>{''.join(figures)}<script type=module>{player}</script>"
    )


def program(name: str, number: int) -> str:
    """A program's block, and the one of its output."""
    code = block(name, SOURCE, "python", 2 * number)
    return code + block("Output", OUTPUT, "text", 2 * number + 1)


def step(page: Page, times: int = 1) -> None:
    """Press the button that steps forward."""
    for _ in range(times):
        page.get_by_role("button", name="Step forward").click()


def box(page: Page, title: str) -> Locator:
    """One of the four boxes."""
    boxes = page.locator(".timeline-boxes > div")
    return boxes.filter(has_text=title).locator("ul")


def until(page: Page, words: str) -> None:
    """Step until the sentence says so."""
    now = page.locator(".timeline-now")
    for _ in range(60):
        if words in (now.text_content() or ""):
            return
        step(page)
    raise AssertionError(f"never: {words}")


def lit(page: Page) -> list[str]:
    """The lines of the program that are lit."""
    lines = page.locator(".timeline-code .timeline-line")
    return [text.strip() for text in lines.all_text_contents()]


def later(page: Page) -> list[str]:
    """The lines of the output that are not to be seen yet."""
    return [x.strip() for x in page.locator(".timeline-later").all_text_contents()]


def mark(page: Page, words: str) -> Locator:
    """The mark whose tooltip says this."""
    return page.locator(f'[data-lines][aria-label*="{words}"]').first


def test_the_player_is_light() -> None:
    """Script and style, over the wire, are at most 10 KB."""
    files = SCRIPT.read_bytes() + STYLE.read_bytes()
    assert len(gzip.compress(files)) <= 10 * 1024


def test_pointing_at_a_mark_lights_its_line(page: Page) -> None:
    """A wait lights the line where the task waits; leaving puts it out."""
    mark(page, f"{COFFEE} waits for sleep").hover()
    assert lit(page) == ["await asyncio.sleep(seconds)"]
    page.locator("h1").hover()
    assert lit(page) == []


def test_pointing_at_a_line_lights_its_marks(page: Page) -> None:
    """Line 7 is run once by each of the two; leaving puts them out."""
    page.locator("#__span-0-7").hover()
    titles = page.locator(".timeline-mark title").all_text_contents()
    assert len(titles) == 2
    assert all("runs, line 7" in title for title in titles)
    page.locator("h1").hover()
    expect(page.locator(".timeline-mark")).to_have_count(0)


def test_marks_and_lines_are_reached_by_keyboard(page: Page) -> None:
    """One tab stop each; arrows go to the next; Enter goes there in time."""
    stops = page.locator("figure [data-lines][tabindex='0']")
    expect(stops).to_have_count(1)
    stops.focus()
    page.keyboard.press("ArrowRight")
    assert lit(page) == ['await asyncio.gather(brew("tea", 0.1), brew("coffee", 0.05))']
    page.keyboard.press("ArrowDown")
    assert lit(page)[-1] == "await asyncio.sleep(seconds)"
    expect(stops).to_have_count(1)
    page.keyboard.press("Enter")
    expect(box(page, "Waiting")).to_contain_text("sleep(")
    page.keyboard.press("Escape")
    line = page.locator(".timeline-code span[tabindex='0']")
    expect(line).to_have_count(1)
    line.focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".timeline-mark").count() > 0


def test_nothing_scrolls_the_page_but_the_reader(show: Show) -> None:
    """A line far down in its own frame comes into view there."""
    page = show(
        whole_page(TRACE, "\n" * 4 + SOURCE), viewport={"width": 1280, "height": 300}
    )
    page.locator(".language-python pre").evaluate("pre => pre.style.maxHeight = '60px'")
    page.evaluate("scrollTo(0, 20)")
    before = page.evaluate("scrollY")
    step(page, 8)
    mark(page, "main() waits").dispatch_event("pointerover")
    assert page.locator(".language-python pre").evaluate("pre => pre.scrollTop") > 0
    assert page.evaluate("scrollY") == before


def test_steps_follow_the_program(page: Page) -> None:
    """The boxes say who runs, who is ready in turn, who waits for what."""
    step(page, 2)
    expect(box(page, "On the CPU")).to_have_text("main()")
    until(page, "main() waits for gather(), line 11")
    expect(box(page, "On the CPU")).to_have_text("nobody")
    assert box(page, "Ready").locator("li").all_text_contents() == [TEA, COFFEE]
    expect(box(page, "Waiting")).to_have_text("main() for gather()")
    until(page, f"{COFFEE} waits for sleep(0.05), line 6")
    expect(box(page, "Ready")).to_have_text("nobody")
    waits = box(page, "Waiting").locator("li").all_text_contents()
    assert waits == [
        "main() for gather()",
        f"{TEA} for sleep(0.1)",
        f"{COFFEE} for sleep(0.05)",
    ]
    prints = box(page, "Printed").locator("li").all_text_contents()
    assert prints == ["tea: on", "coffee: on"]


def test_the_ready_stand_in_the_order_of_their_turns(show: Show) -> None:
    """Who was woken first comes first, whoever was created first."""
    woken = [
        event(50_000, "T1", "ready", by="timer"),
        event(50_100, "T1", "run"),
        event(50_200, "T3", "ready", by="T1"),
        event(50_300, "T2", "ready", by="T1"),
    ]
    early = [event for event in EVENTS if event["t"] < 800]
    page = show(whole_page(TRACE | {"events": early + woken}, SOURCE))
    until(page, f"main() wakes {TEA}")
    assert box(page, "Ready").locator("li").all_text_contents() == [COFFEE, TEA]


def test_a_step_back_undoes_a_step(page: Page) -> None:
    """Sentence, boxes, output and line are what they were."""
    until(page, "prints: coffee: ready")
    panel, output = page.locator(".timeline-boxes"), later(page)
    before = panel.inner_text(), lit(page), output
    step(page, 2)
    assert (panel.inner_text(), lit(page), later(page)) != before
    for _ in range(2):
        page.get_by_role("button", name="Step back").click()
    assert (panel.inner_text(), lit(page), later(page)) == before


def test_the_code_shows_where_each_task_stands(page: Page) -> None:
    """A dot in the task's colour at its line; the running line is lit."""
    until(page, "brew('tea', 0.1) waits")
    step(page, 2)
    assert lit(page) == ['print(f"{drink}: on")']
    assert page.locator("#__span-0-6 .timeline-dot.waits").count() == 1
    assert (
        page.locator("#__span-0-5 .timeline-dot.runs").get_attribute("title") == COFFEE
    )
    colours = page.locator(".timeline-code .timeline-dot").evaluate_all(
        "dots => dots.map(dot => getComputedStyle(dot).borderColor)"
    )
    assert len({*colours}) == 3
    code = page.locator(".language-python code").evaluate("code => code.textContent")
    assert code == SOURCE
    dot = page.locator("#__span-0-5 .timeline-dot")
    assert dot.evaluate("dot => dot.nextSibling.data") == "\n"


def test_what_is_printed_appears_in_the_output(page: Page) -> None:
    """Line by line as time passes; whole before, after, and when closed."""
    assert later(page) == []
    step(page)
    assert later(page) == OUTPUT.splitlines()
    until(page, "prints: coffee: on")
    assert later(page) == ["coffee: ready", "tea: ready"]
    expect(page.locator("#__span-1-2")).to_be_visible()
    expect(page.locator("#__span-1-3")).to_be_hidden()
    page.get_by_role("button", name="Close").click()
    assert later(page) == []
    expect(page.locator(".timeline-boxes")).to_be_hidden()
    assert (
        page.locator(".timeline-dot:visible, .timeline-head, .timeline-line").count()
        == 0
    )
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("End")
    assert later(page) == []
    expect(box(page, "Printed").locator("li")).to_have_text(OUTPUT.splitlines())
    page.keyboard.press("Escape")
    expect(page.locator(".timeline-boxes")).to_be_hidden()


def test_the_slider_steps_by_keyboard_and_says_where_it_is(page: Page) -> None:
    """Arrows step, Home and End go to the ends; the value is a sentence."""
    slider = page.get_by_role("slider", name="Time in the run")
    expect(slider).to_have_attribute("aria-valuetext", "not started")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "101.1 ms: main() returned")
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "101.0 ms: main() runs")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute(
        "aria-valuetext", "0.0 ms: the script creates main()"
    )
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0.1 ms: main() runs")


@pytest.mark.parametrize("touch", [False, True])
def test_the_picture_is_scrubbed_by_pointer_and_touch(show: Show, touch: bool) -> None:
    """A click or a tap in the picture, or on the slider, goes there."""
    page = show(whole_page(TRACE, SOURCE), has_touch=touch)
    act = (
        (lambda spot, **at: spot.tap(**at))
        if touch
        else (lambda spot, **at: spot.click(**at))
    )
    wait = mark(page, "main() waits").bounding_box()
    picture = page.locator("svg[data-knots]").bounding_box()
    assert wait
    assert picture
    x = wait["x"] + wait["width"] * 0.8 - picture["x"]
    act(page.locator("svg[data-knots]"), position={"x": x, "y": 8})
    expect(box(page, "Waiting")).to_contain_text(TEA)
    expect(box(page, "Printed").locator("li")).to_have_count(3)
    slider = page.get_by_role("slider")
    size = slider.bounding_box()
    assert size
    act(slider, position={"x": size["width"] - 4, "y": size["height"] / 2})
    expect(box(page, "Printed").locator("li")).to_have_count(4)


def test_play_goes_through_the_run_and_pause_holds_it(page: Page) -> None:
    """Ten seconds for any run; at the end it stands, and plays anew."""
    page.get_by_role("button", name="Play").click()
    pause = page.get_by_role("button", name="Pause")
    expect(pause).to_be_visible()
    clock = page.locator(".timeline-player time")
    page.clock.run_for(4000)
    seen = float((clock.text_content() or "").split()[0])
    assert 1 < seen < 90
    pause.click()
    held = clock.text_content()
    page.clock.run_for(3000)
    assert clock.text_content() == held
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(12_000)
    expect(clock).to_have_text("101.1 ms")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(100)
    assert float((clock.text_content() or "").split()[0]) < 50


def test_reduced_motion_plays_in_steps(show: Show) -> None:
    """Nothing glides: the head jumps from event to event, unhurried."""
    page = show(whole_page(TRACE, SOURCE), reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    now, seen = page.get_by_role("status"), []
    for _ in range(5):
        seen.append(now.text_content())
        page.clock.run_for(400)
    first, second, third = dict.fromkeys(seen)
    assert first == "the script creates main()"
    assert second == "main() runs"
    assert third == "main() runs line 11"


def test_the_live_region_is_silent_while_it_plays(page: Page) -> None:
    """A step is announced, politely; of a film only the end."""
    now = page.get_by_role("status")
    step(page)
    expect(now).to_have_attribute("aria-live", "polite")
    page.get_by_role("button", name="Play").click()
    expect(now).to_have_attribute("aria-live", "off")
    page.clock.run_for(12_000)
    expect(now).to_have_attribute("aria-live", "polite")


def test_two_figures_on_a_page_do_not_meet(show: Show) -> None:
    """Each has its own program, output and time."""
    one = program("tea.py", 0) + figure(TRACE)
    two = program("other.py", 1) + figure(OTHER)
    page = show(site_page(one, two))
    player = page.get_by_role("group", name="Player of other.py")
    for _ in range(8):
        player.get_by_role("button", name="Step forward").click()
    expect(page.locator("#__span-2-5 .timeline-dot")).to_have_count(1)
    expect(page.locator("#__span-0-5 .timeline-dot")).to_have_count(0)
    expect(page.locator(".timeline-boxes:visible")).to_have_count(1)
    assert page.locator("#__span-3-4.timeline-later").count() == 1
    assert page.locator("#__span-1-4.timeline-later").count() == 0


def test_the_next_page_of_instant_navigation_has_its_player(show: Show) -> None:
    """Material says when it has replaced the page; the old player stops."""
    fake = "<script>window.document$ = {subscribe(f) { this.next = f; f(); }}</script>"
    page = show(site_page(program("tea.py", 0), figure(TRACE), script=fake))
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    old = page.query_selector(".timeline-player time")
    assert old
    page.evaluate(
        "html => { document.body.innerHTML = html;"
        " document$.next(); document$.next(); }",
        program("other.py", 1) + figure(OTHER),
    )
    page.clock.run_for(20)
    held = old.text_content()
    page.clock.run_for(5000)
    assert old.text_content() == held
    expect(page.locator(".timeline-player")).to_have_count(1)
    step(page)
    expect(page.get_by_role("status")).to_contain_text("creates main()")


def test_a_band_plays_as_counts(show: Show) -> None:
    """The boxes say how many of a band are ready, and how many wait for what."""
    page = show(site_page(figure(crowd(16, limit=4))))
    until(page, "12 fetch(): limit.acquire")
    expect(page.get_by_role("status")).to_contain_text("2 fetch(): sleep")
    waits = box(page, "Waiting").locator("li").all_text_contents()
    assert "2 fetch() for sleep" in waits
    assert "12 fetch() for limit.acquire" in waits
    page.get_by_role("slider").press("Home")
    until(page, "14 fetch(): ready")
    expect(box(page, "Ready")).to_contain_text("14 fetch()")
    page.get_by_role("slider").press("End")
    expect(box(page, "Waiting")).to_have_text("nobody")


def test_tasks_of_a_library_are_in_no_box(show: Show) -> None:
    """They are not the reader's; those that call the script are."""
    page = show(site_page(figure(requests(14, limit=4))))
    slider = page.get_by_role("slider")
    slider.press("End")
    expect(box(page, "On the CPU")).to_have_text("nobody")
    seen = set[str]()
    for _ in range(30):
        slider.press("PageDown")
        seen |= {*page.locator(".timeline-boxes li").all_text_contents()}
        expect(page.locator(".timeline-now")).not_to_contain_text("nothing has")
    assert any(text.endswith(" answer() for sleep") for text in seen)
    assert not [text for text in seen if "library" in text]


def test_a_band_unfolds_by_mouse_keyboard_and_without_scripts(show: Show) -> None:
    """Strips stand below the picture, at the same times; a click goes there."""
    for script in (False, True):
        page = show(site_page(figure(crowd(40, limit=4))), java_script_enabled=script)
        strips = page.get_by_role("img", name="38 more fetch(), one by one")
        expect(strips).to_be_hidden()
        summary = page.get_by_text("38 more fetch(), one by one")
        summary.click()
        expect(strips).to_be_visible()
        summary.press("Enter")
        expect(strips).to_be_hidden()
        summary.press("Enter")
        expect(strips).to_be_visible()
    frame = page.get_by_role("region", name="38 more fetch(), one by one")
    frame.press("End")
    area = page.locator("[data-band='T4 sleep']")
    place = area.bounding_box()
    assert place
    strips.click(position={"x": place["x"] + place["width"] / 2, "y": 40})
    expect(box(page, "Waiting")).to_contain_text(" fetch() for sleep")
    heads = [head.bounding_box() for head in page.locator(".timeline-head").all()]
    assert len({round(head["x"]) for head in heads if head}) == 1
    assert len(heads) == 2


def test_a_mark_is_explained_once_on_a_page(show: Show) -> None:
    """Below a later figure there are only the marks that are new."""
    page = show(site_page(figure(TRACE), figure(OTHER), figure(crowd(40))))
    seen = [
        legend.locator("li:visible").all_text_contents()
        for legend in page.locator(".timeline-legend").all()
    ]
    assert len(seen[0]) > 5
    assert seen[1:] == [[], ["how many are in which state"]]


def test_on_a_phone_the_picture_scrolls_and_the_names_stay(show: Show) -> None:
    """360 pixels: nothing but the frame of the picture scrolls sideways."""
    page = show(whole_page(TRACE, SOURCE), viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    frame, names = (
        page.locator(".timeline-frame").first,
        page.locator(".timeline-names"),
    )
    before = names.bounding_box()
    step(page)
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("End")
    assert frame.evaluate("frame => frame.scrollLeft") > 100
    after, head = names.bounding_box(), page.locator(".timeline-head").bounding_box()
    assert before
    assert after
    assert head
    assert after["x"] == before["x"]
    assert after["x"] + after["width"] < head["x"] < 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_serious(show: Show, scheme: str, width: int) -> None:
    """In use and out of use: names, roles, contrast."""
    page = show(
        whole_page(TRACE, SOURCE),
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
    )
    for _ in range(2):
        found = Axe().run(page).response["violations"]
        assert [
            f"{rule['id']}: {node['html'][:200]}"
            for rule in found
            if rule["impact"] in {"serious", "critical"}
            for node in rule["nodes"]
        ] == []
        step(page, 8)


def test_no_two_texts_overlap_as_drawn(page: Page) -> None:
    """With the fonts of this machine, measured; nor do they leave the names."""
    found = page.locator("svg[data-knots] text").evaluate_all(
        "texts => texts.map(text => { const b = text.getBBox();"
        " const [x, y] = [b.x + b.width, b.y + b.height - 1];"
        " return [b.x, b.y + 1, x, y, text.textContent]; })"
    )
    assert len(found) > 10
    for (a, b, c, d, one), (e, f, g, h, other) in combinations(found, 2):
        assert c <= e or g <= a or d <= f or h <= b, (one, other)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_whole_without_scripts(show: Show, scheme: str) -> None:
    """Picture, legend, sentence, table, in the scheme of the system; no dead button."""
    page = show(
        whole_page(TRACE, SOURCE), java_script_enabled=False, color_scheme=scheme
    )
    expect(page.locator("svg[data-knots]")).to_be_visible()
    expect(page.locator(".timeline-legend li").first).to_be_visible()
    assert page.locator("button").count() == 0
    page.get_by_text("The same as a table").click()
    expect(
        page.get_by_role("cell", name="waits for sleep(0.1), line 6")
    ).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_has_its_colours_as_a_file_of_its_own(
    show: Show, tmp_path: Path, scheme: str
) -> None:
    """Opened alone it follows the system: ink on paper, or light on dark."""
    page = show(whole_page(TRACE, SOURCE), color_scheme=scheme)
    (tmp_path / "tea.svg").write_text(svg(TRACE), "utf-8")
    page.goto(page.url.replace("page.html", "tea.svg"))
    ink, paper = page.evaluate(
        "[getComputedStyle(document.querySelector('text.name')).fill,"
        " getComputedStyle(document.documentElement).backgroundColor]"
    )
    light = ("rgb(29, 43, 48)", "rgb(255, 255, 255)")
    assert (ink, paper) == (
        light if scheme == "light" else ("rgb(227, 234, 234)", "rgb(19, 27, 31)")
    )


def test_print_leaves_the_player_out(page: Page) -> None:
    """On paper there are the picture, the legend and the sentence, in light."""
    step(page, 3)
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".timeline-player")).to_be_hidden()
    expect(page.locator(".timeline-boxes")).to_be_hidden()
    picture = page.locator("svg[data-knots]")
    expect(picture).to_be_visible()
    expect(picture.locator(".name").first).to_have_css("fill", "rgb(29, 43, 48)")
    page.set_viewport_size({"width": 500, "height": 700})  # a narrow sheet
    frame = page.locator(".timeline-frame").first
    assert frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth")
    expect(page.get_by_text("The same as a table")).to_be_hidden()
