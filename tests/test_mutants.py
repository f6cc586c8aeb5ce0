"""Break each program in many small ways, and see that its recording notices.

A mutant is a program with one small mistake. It is noticed when a run of it
differs from what was recorded, or is not clean. Those that are not stand in
`surviving_mutants.toml`, each with the reason. Of all mutants, at most one in
ten may stand there: each program's test proves that its others are noticed, so
the list and the number of mutants give the ratio. No mutant is left out: in a week,
`--mutants` tries them all, and those of a changed program each time.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import re
import select
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from forked import ON_THE_CLOCK, PLAIN, RECORDED, STRICT, Outcome, Way, run_contained
from programs import Program, programs
from running import same
from stories import plot, trace_of
from turns import WEEK, Turns, digest, recorded, today

# The tools have tests of their own, and are not lessons with one output.
PROGRAMS = [program for program in programs() if program.folder != "tools"]
SURVIVORS: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("surviving_mutants.toml").read_text("utf-8")
)
TRIED = Turns(Path(__file__).with_name("tried_mutants.json"))
TRIES = 3
AT_ONCE = 3  # mutants of a program; much of a run is waiting


# What a mutant is


@dataclass(frozen=True)
class Mutant:
    """A program with one small mistake, and a name that outlives other edits."""

    operator: str
    line: str
    id: str
    source: str


@functools.cache
def mutants(source: str) -> list[Mutant]:
    """Every mutant of a program that compiles, in the order of the text."""
    surgeon = _Surgeon(source)
    surgeon.visit(ast.parse(source))
    return surgeon.found


_SIMPLE = (
    ast.Expr,
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.Return,
    ast.Raise,
    ast.Delete,
    ast.Break,
    ast.Continue,
    ast.Global,
    ast.Nonlocal,
)


class _Surgeon(ast.NodeVisitor):
    """Walk a program, and note each mutant.

    The text is edited in place, so all other lines stay as they are, and where
    they are: a traceback of the mutant names the same lines.
    """

    def __init__(self, source: str) -> None:
        self.lines = source.encode().split(b"\n")
        self.scope: list[str] = []
        self.fstring: ast.JoinedStr | None = None
        self.seen: Counter[str] = Counter()
        self.found: list[Mutant] = []

    def visit(self, node: ast.AST) -> None:
        """Note the mutants of one node, then those of what is in it."""
        match node:
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                if len(node.body) > 1:  # without its only statement, nothing runs
                    self.visit_field(node.body)
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.scope.append(node.name)
                for field in ("decorator_list", "bases", "keywords", "args", "body"):
                    self.visit_field(getattr(node, field, []))
                self.scope.pop()
                return
            case ast.arg():
                return  # an annotation is never run
            case ast.AnnAssign():
                self.drop(node)
                self.visit_field(node.value)
                return
            case ast.JoinedStr() if self.fstring is None:
                self.fstring = node
                self.generic_visit(node)
                self.fstring = None
                return
            case ast.Constant(value=int() | float()):
                self.change(node)
            case ast.Await():
                rest = self.text(node).removeprefix("await").lstrip()
                self.note("drop an await", "drop the await in", node, rest)
            case ast.stmt():
                self.drop(node)
        for test in conditions(node):
            self.note(
                "negate a test", "negate the test in", test, f"not ({self.text(test)})"
            )
        ports = ports_in(node)
        for child in ast.iter_child_nodes(node):
            if child not in ports:
                self.visit(child)

    def visit_field(self, field: ast.AST | Sequence[ast.AST] | None) -> None:
        """Visit one node, or each of a list."""
        for node in field if isinstance(field, Sequence) else [field]:
            if node is not None:
                self.visit(node)

    def drop(self, node: ast.stmt) -> None:
        """Drop a simple statement; of a compound one, each in its body is dropped.

        Not a docstring, an `...`, a declaration, which do nothing; nor an
        assertion, which does nothing while it holds: it is negated.
        """
        match node:
            case ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None):
                return
        if isinstance(node, _SIMPLE):
            same_height = "\n" * self.text(node).count("\n")
            self.note("drop a statement", "drop", node, f"pass{same_height}")

    def change(self, node: ast.Constant) -> None:
        """Change a number: one more for a small int, else three times as much."""
        value = node.value
        if isinstance(value, bool):
            return
        assert isinstance(value, int | float)
        if value == 0 or (isinstance(value, int) and value < 100):
            new = f"{value + 1}"
        else:
            new = f"{Decimal(repr(value)) * 3}"
        self.note("change a number", f"change {value} to {new} in", node, new)

    def note(
        self, operator: str, act: str, node: ast.expr | ast.stmt, text: str
    ) -> None:
        """Note the mutant that has `text` in the place of `node`."""
        place = node if self.fstring is None else self.fstring
        line = self.lines[place.lineno - 1].decode()
        line = re.sub(r"  #.*", "", line).strip()
        where = ".".join(self.scope) or "the module"
        name = f"{act} `{line}` in {where}"
        if self.fstring is not None:
            assert isinstance(node, ast.expr)
            text = in_fstring(self.fstring, node, text)
        source = self.edited(place, text)
        try:
            compile(source, "mutant", "exec", dont_inherit=True)
        except SyntaxError:  # such as `nonlocal` without the variable
            return
        self.seen[name] += 1
        if self.seen[name] > 1:
            name += f" ({self.seen[name]})"
        self.found.append(Mutant(operator, line, name, source))

    def text(self, node: ast.expr | ast.stmt) -> str:
        """The source of a node; within an f-string, as `ast` writes it."""
        if self.fstring is not None:  # before 3.12, it does not know its place
            return ast.unparse(node)
        assert node.end_lineno is not None
        lines = self.lines[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode()

    def edited(self, node: ast.expr | ast.stmt, text: str) -> str:
        """The program with `text` in the place of `node`."""
        assert node.end_lineno is not None
        before = self.lines[: node.lineno]
        before[-1] = before[-1][: node.col_offset]
        after = self.lines[node.end_lineno - 1 :]
        after[0] = after[0][node.end_col_offset :]
        return (b"\n".join(before) + text.encode() + b"\n".join(after)).decode()


def conditions(node: ast.AST) -> list[ast.expr]:
    """The conditions that a node decides by."""
    match node:
        case ast.If() | ast.While() | ast.IfExp() | ast.Assert():
            return [node.test]
        case ast.comprehension():
            return node.ifs
        case ast.match_case(guard=ast.expr() as guard):
            return [guard]
    return []


def ports_in(node: ast.AST) -> list[ast.AST]:
    """The zeros that ask for any free port.

    They stay: whether port 1 can be had depends on who runs the tests.
    """
    match node:
        case ast.keyword(arg="port", value=ast.Constant(value=0)):
            return [node.value]
        case ast.Call(args=values) | ast.Tuple(elts=values):
            return [
                port
                for host, port in pairwise(values)
                if ast.unparse(host) in {"'127.0.0.1'", "HOST"}
                and ast.unparse(port) == "0"
            ]
    return []


def in_fstring(fstring: ast.JoinedStr, node: ast.expr, text: str) -> str:
    """The source of an f-string that has `text` in the place of `node`."""

    class Swap(ast.NodeTransformer):
        def __init__(self, old: ast.expr, new: ast.expr) -> None:
            self.old, self.new = old, new

        def visit(self, node: ast.AST) -> ast.AST:
            return self.new if node is self.old else self.generic_visit(node)

    new = ast.parse(text, mode="eval").body
    source = ast.unparse(Swap(node, new).visit(fstring))
    Swap(new, node).visit(fstring)
    return source


# Whether it is noticed


def as_recorded(program: Program, way: Way, got: Outcome) -> bool:
    """Whether a run is what was recorded of `program`."""
    if way is RECORDED and (
        not got.trace or plot(json.loads(got.trace)) != plot(trace_of(program))
    ):
        return False
    return same(program, got.run)


def witnesses(program: Program) -> list[tuple[Way, float]]:
    """The runs that can tell a mutant of a program, the cheapest first.

    Each is a way and how long it may take: one without the waiting; one in
    development mode, if the program is clean there; and one that is recorded,
    if a timeline of the program was.
    """
    ways = [ON_THE_CLOCK]
    if not program.errors.exists():
        ways.append(STRICT)
    if program.trace.exists():
        ways.append(RECORDED)
    found: list[tuple[Way, float]] = []
    for way in ways:
        for _ in range(TRIES):
            start = time.monotonic()
            got = run_contained(program.path, program.text, way)
            if as_recorded(program, way, got):
                found.append((way, 3 * (time.monotonic() - start) + 3))
                break
        else:
            pytest.fail(f"{program.id} itself does not do what was recorded of it")
    return found


def surprises(program: Program, listed: Mapping[str, str]) -> list[str]:
    """The mutants of a program that survive unlisted, or are listed and noticed.

    Each has three tries to do as listed, for the machine is busy now and then.
    Where the reason begins with "sometimes", either is right.
    """
    ways = witnesses(program)

    def surprise(mutant: Mutant) -> bool:
        if listed.get(mutant.id, "").startswith("sometimes"):
            return False
        survives = all(
            as_recorded(
                program, way, run_contained(program.path, mutant.source, way, seconds)
            )
            for way, seconds in ways
        )
        return survives != (mutant.id in listed)

    odd = mutants(program.text)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(TRIES):
            again = pool.map(surprise, odd)
            odd = [mutant for mutant, is_odd in zip(odd, again, strict=True) if is_odd]
    return [mutant.id for mutant in odd]


def state(program: Program) -> str:
    """A digest of all that decides which mutants of a program are noticed."""
    listed = json.dumps(SURVIVORS.get(program.id, {}), sort_keys=True)
    return digest(*recorded(program), listed.encode())


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.id)
def test_the_recording_notices_a_mistake(
    program: Program, request: pytest.FixtureRequest
) -> None:
    """Exactly the mutants listed for a program survive; all others are noticed."""
    option = request.config.option
    if not option.mutants:
        pytest.skip("it takes minutes: run the suite with --mutants")
    now = state(program)
    if not (option.slow or TRIED.is_due(program.id, now, today())):
        pytest.skip("tried as it is, and today is not its turn: --slow tries all")
    if sys.version_info < program.python:
        version = ".".join(map(str, program.python))
        pytest.skip(f"it needs Python {version}: run the suite with that")
    listed = SURVIVORS.get(program.id, {})
    unlisted: list[str] = []
    stale: list[str] = []
    for name in surprises(program, listed):
        (stale if name in listed else unlisted).append(name)
    assert stale == [], "these are noticed now: take them off surviving_mutants.toml"
    lines = "\n".join(f"'{name}' = \"?\"" for name in unlisted)
    assert not lines, (
        "nothing notices these mistakes. Make the program show them, or list them"
        f' with the reason in surviving_mutants.toml:\n\n["{program.id}"]\n{lines}'
    )
    if option.record:
        TRIED.note(program.id, now, (program.id for program in PROGRAMS))


def test_nine_of_ten_mistakes_are_noticed() -> None:
    """Of the mutants of all programs, at most one in ten is listed as a survivor."""
    total = sum(len(mutants(program.text)) for program in PROGRAMS)
    listed = sum(len(names) for names in SURVIVORS.values())
    assert listed * 10 <= total


def test_each_survivor_is_a_mutant_of_a_program_and_has_a_reason() -> None:
    """The list names no mutant that is gone, and none without saying why."""
    here = {p.id: {mutant.id for mutant in mutants(p.text)} for p in PROGRAMS}
    assert SURVIVORS.keys() <= here.keys()
    gone = {name: reasons.keys() - here[name] for name, reasons in SURVIVORS.items()}
    assert {name: ids for name, ids in gone.items() if ids} == {}
    reasons = [why for listed in SURVIVORS.values() for why in listed.values()]
    assert [why for why in reasons if len(why.split()) < 4] == []


# Whether this check is to be trusted


def of(operator: str, source: str) -> list[str]:
    """What one operator makes of some source."""
    found = mutants(source)
    return [mutant.source for mutant in found if mutant.operator == operator]


@pytest.mark.parametrize(
    ("source", "broken"),
    [
        ("a = 1\nb(\n    2,\n)\n", ["pass\nb(\n    2,\n)\n", "a = 1\npass\n\n\n"]),
        ("for a in b:\n    del a  # é\n", ["for a in b:\n    pass  # é\n"]),
        ("é = 1; a()\n", ["pass; a()\n", "é = 1; pass\n"]),
        ('"""Says."""\nimport a\nclass B:\n    c: int\n    ...\n', []),
        ("def a():\n    assert b\n", []),
        (
            "def a():\n    b = 1\n    def c():\n        nonlocal b\n        b = 2\n",
            None,
        ),
        ('if __name__ == "__main__":\n    main()\n', []),
        (
            'if __name__ == "__main__":\n    a()\n    b()\n',
            [
                'if __name__ == "__main__":\n    pass\n    b()\n',
                'if __name__ == "__main__":\n    a()\n    pass\n',
            ],
        ),
    ],
)
def test_drop_a_statement(source: str, broken: list[str] | None) -> None:
    """A simple statement becomes `pass`, and the lines below stay where they are.

    What does nothing, the main guard, and what cannot be left out stay.
    """
    got = of("drop a statement", source)
    if broken is None:  # the first statement is needed to compile
        assert not any(text.startswith("def a():\n    pass") for text in got)
        assert len(got) == 2
    else:
        assert got == broken


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("b = await c(1)", "b = c(1)"),
        ("b = (await\n    c)(1)", "b = (c)(1)"),
        ("return [await b for b in c]", "return [b for b in c]"),
        ('print(f"{await b:>9}", "é")', "print(f'{b:>9}', \"é\")"),
    ],
)
def test_drop_an_await(before: str, after: str) -> None:
    """`await x` becomes `x`, also within an f-string."""
    head = "async def a():\n    "
    assert of("drop an await", head + before) == [head + after]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if a or b: c", "if not (a or b): c"),
        ("while a := b(): c", "while not (a := b()): c"),
        ("a = b if c else d", "a = b if not (c) else d"),
        ("assert a is b, c", "assert not (a is b), c"),
        ("[a for a in b if a]", "[a for a in b if not (a)]"),
        ("print(f'{a if b else c}')", "print(f'{(a if not b else c)}')"),
        ("match a:\n  case b if c: d", "match a:\n  case b if not (c): d"),
    ],
)
def test_negate_a_test(before: str, after: str) -> None:
    """A condition becomes its opposite; the main guard stays."""
    guard = '\nif __name__ == "__main__": a\n'
    assert of("negate a test", before + guard) == [after + guard]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("sleep(1)", ["sleep(2)"]),
        ("sleep(0)", ["sleep(1)"]),
        ("sleep(0.1)", ["sleep(0.3)"]),
        ("sleep(0.0)", ["sleep(1.0)"]),
        ("range(1_000)", ["range(3000)"]),
        ("a = -2.5", ["a = -7.5"]),
        ("a: tuple[1, 2] = 3", ["a: tuple[1, 2] = 4"]),
        ("def a(b: L[1] = 2) -> L[3]: c", ["def a(b: L[1] = 3) -> L[3]: c"]),
        ("a = True, None, '1', b'1', f'{c:.2f}'", []),
        ("print(f'{a / 2:.1f} s')", ["print(f'{a / 3:.1f} s')"]),
        ("serve(a, '127.0.0.1', 0)", []),
        ("serve(a, local_addr=('127.0.0.1', 0))", []),
        ("serve(a, port=0)", []),
    ],
)
def test_change_a_number(before: str, after: list[str]) -> None:
    """One more, or three times as much; not in a type or a format, nor port 0."""
    assert of("change a number", before) == after


def test_a_mutant_says_what_it_is() -> None:
    """Its id has the mistake, the line and the place, and no line number."""
    source = """\
class A:
    async def b(self):
        if c:  # perhaps
            await d(1, 1)
        await d(2)
"""
    assert [mutant.id for mutant in mutants(source)] == [
        "negate the test in `if c:` in A.b",
        "drop `await d(1, 1)` in A.b",
        "drop the await in `await d(1, 1)` in A.b",
        "change 1 to 2 in `await d(1, 1)` in A.b",
        "change 1 to 2 in `await d(1, 1)` in A.b (2)",
        "drop `await d(2)` in A.b",
        "drop the await in `await d(2)` in A.b",
        "change 2 to 3 in `await d(2)` in A.b",
    ]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.id)
def test_the_mutants_of_a_program_are_small_and_differ(program: Program) -> None:
    """Each compiles, has an id of its own, and differs in one place only."""
    found = mutants(program.text)
    assert len({mutant.id for mutant in found}) == len(found) > 0
    assert len({mutant.source for mutant in found} | {program.text}) == len(found) + 1
    old = program.text.splitlines()
    for mutant in found:
        compile(mutant.source, mutant.id, "exec", dont_inherit=True)
        new = mutant.source.splitlines()
        assert len(new) == len(old), mutant.id
        changed = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        assert mutant.line in old[changed[0]], mutant.id
        assert changed == list(range(changed[0], changed[-1] + 1)), mutant.id


@pytest.fixture
def waits(tmp_path: Path) -> Program:
    """A program whose output does not show that it waits."""
    program = Program(tmp_path / "waits.py")
    program.path.write_text(
        "import asyncio\n\n"
        "async def main():\n"
        "    await asyncio.sleep(0.01)\n"
        "    print(1)\n\n"
        "asyncio.run(main())\n"
    )
    program.output.write_text("1\n")
    return program


UNSEEN = {
    "drop `await asyncio.sleep(0.01)` in main": "nothing shows the wait",
    "change 0.01 to 0.03 in `await asyncio.sleep(0.01)` in main": "sometimes it may",
}


def test_a_mistake_that_nothing_shows_is_found(waits: Program) -> None:
    """What is printed is noticed; a delay that nothing shows survives."""
    assert surprises(waits, {}) == [*UNSEEN]


def test_a_stale_survivor_is_found(waits: Program) -> None:
    """A mutant that is listed, but noticed, is a surprise."""
    stale = "change 1 to 2 in `print(1)` in main"
    assert surprises(waits, UNSEEN | {stale: "nothing shows it"}) == [stale]
    assert surprises(waits, UNSEEN | {stale: "sometimes it is seen"}) == []


def test_the_mutants_of_a_program_are_tried_in_time(
    waits: Program, tmp_path: Path
) -> None:
    """Each day while it is new or changed, and then on one day of the week."""
    tried = Turns(tmp_path / "tried.json")
    tried.file.write_text('{"gone": "0"}')

    def days() -> int:
        return sum(tried.is_due(waits.id, state(waits), day) for day in range(WEEK))

    assert days() == WEEK
    tried.note(waits.id, state(waits), [waits.id])
    assert days() == 1
    assert tried.noted() == {waits.id: state(waits)}
    for file in (waits.output, waits.errors, waits.trace, waits.path):
        file.write_text("2\n")
        assert days() == WEEK
        tried.note(waits.id, state(waits), [waits.id])


def test_a_program_that_fails_unbroken_proves_nothing(waits: Program) -> None:
    """If the program itself does not do what was recorded, no mutant counts."""
    waits.output.write_text("2\n")
    with pytest.raises(pytest.fail.Exception, match="itself"):
        surprises(waits, {})


def test_a_mutant_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    """Nothing that a mutant started outlives it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = f"import time; file = open({str(pipe)!r}, 'w'); time.sleep(600)"
    source = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    )
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        watch = select.poll()
        watch.register(end)
        assert watch.poll(0) == []
        got = run_contained(tmp_path / "hangs.py", source, PLAIN, 1).run
        assert got.status == -signal.SIGKILL
        assert watch.poll(5000) == [(end, select.POLLHUP)]  # it was open, and is closed
    finally:
        os.close(end)


def test_a_mutant_that_floods_is_stopped(tmp_path: Path) -> None:
    """What a mutant prints or holds has a limit, and what it writes is thrown away."""
    path = tmp_path / "floods.py"
    got = run_contained(path, "while True: print('x' * 10**6)", PLAIN, 30).run
    assert "OSError" in got.stderr
    assert len(got.stdout) < 1e8
    assert "MemoryError" in run_contained(path, "'x' * 10**11", PLAIN, 30).run.stderr
    files = "import tempfile; open('a', 'w'); tempfile.mkdtemp(); print(__file__)"
    got = run_contained(path, files, PLAIN, 30).run
    assert got.stderr == "left behind: a\n"
    assert not Path(got.stdout.strip()).exists()
    assert list(tmp_path.iterdir()) == []
