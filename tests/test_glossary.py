"""The glossary, and how other pages use it."""

from __future__ import annotations

import re

import pytest

from glossary import GLOSSARY, Term, explain, plain, terms


def test_an_entry_is_short_and_leads_on() -> None:
    """Its first sentence fits a tooltip, its last words are a link; from A to Z."""
    text = GLOSSARY.read_text("utf-8")
    entries = re.split(r"(?m)^## ", text)[1:]
    assert len(entries) == len(terms()) > 30
    assert all(entry.rstrip().endswith(")") for entry in entries)
    names = [term.name.lower() for term in terms()]
    assert names == sorted(names)
    assert all(len(term.meaning) <= 130 for term in terms())


KNOWN = [Term("Task", "task", 'A "job".'), Term("Event loop", "event-loop", "It runs.")]
LINK = '<a class="term" href="g/#task" title="A &quot;job&quot;.">'


@pytest.mark.parametrize(
    ("html", "explained"),
    [
        ("<p>A task.</p><p>A task.</p>", f"<p>A {LINK}task</a>.</p><p>A task.</p>"),
        ("<p>Tasks wait.</p>", f"<p>{LINK}Tasks</a> wait.</p>"),
        ("<p>multitasking</p>", "<p>multitasking</p>"),
        ("<h2>Task</h2><p>a task</p>", f"<h2>Task</h2><p>a {LINK}task</a></p>"),
        ("<p><code>task</code> task</p>", f"<p><code>task</code> {LINK}task</a></p>"),
        ("<pre><b>task</b></pre>", "<pre><b>task</b></pre>"),
        (
            '<p><a href="x">a task</a>, task</p>',
            '<p><a href="x" title="A &quot;job&quot;.">a task</a>, task</p>',
        ),
        (
            '<p><a href="x">the event\nloop</a></p>',
            '<p><a href="x">the event\nloop</a></p>',
        ),
        ("<p>a<br>task<img src='i'></p>", f"<p>a<br>{LINK}task</a><img src='i'></p>"),
        ("<!-- <pre> --><p>task</p>", f"<!-- <pre> --><p>{LINK}task</a></p>"),
    ],
)
def test_the_first_use_of_a_term_is_explained(html: str, explained: str) -> None:
    """Once a page, in its text: no heading, no code; a link keeps its target."""
    assert explain(html, KNOWN, "g/") == explained


def test_a_meaning_has_no_mark_up() -> None:
    """A tooltip shows letters."""
    assert plain("`a` [b](c.md#d) e") == "a b e"
