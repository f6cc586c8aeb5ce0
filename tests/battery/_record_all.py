"""Record scripts on the virtual clock, each in a process of its own.

python _record_all.py FOLDER SCRIPT... writes FOLDER/SCRIPT.json for each,
and what a second witness saw beside it: FOLDER/SCRIPT.seen.json.
"""

import asyncio
import inspect
import json
import os
import sys
from pathlib import Path

import record_timeline
import virtual_clock

COROUTINE = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def watch(recorder, path):
    """Note each start, stop and end of a coroutine of the script.

    Returns a list that fills with [time, event, task, line].
    """
    seen = []
    monitoring = sys.monitoring

    def note(name):
        def noted(code, offset, *_):
            if code.co_filename != path or not code.co_flags & COROUTINE:
                return
            try:
                task = asyncio.current_task()
            except RuntimeError:
                return
            lane = recorder._by_task.get(id(task))
            lines = [n for a, b, n in code.co_lines() if a <= offset < b]
            seen.append(
                [
                    recorder._now() // 1000,
                    name,
                    lane and lane.who,
                    lines[0] if lines else None,
                ]
            )
            return

        return noted

    monitoring.use_tool_id(4, "witness")
    names = "PY_START PY_RESUME PY_YIELD PY_RETURN PY_UNWIND"
    events = 0
    for name in names.split():
        event = getattr(monitoring.events, name)
        monitoring.register_callback(4, event, note(name))
        events |= event
    monitoring.set_events(4, events)
    return seen


def record(path, folder):
    """Record one script, like record_timeline.record()."""
    recorder = record_timeline.Recorder(path)
    sys.argv = [path, "argument"]
    sys.path[0] = os.path.dirname(path)
    seen = None
    try:
        with recorder:
            if sys.version_info >= (3, 12):
                seen = watch(recorder, path)
            record_timeline.execute(path, Path(path).read_bytes(), sys.argv)
    except BaseException as error:
        recorder.error = record_timeline.brief(error)
    trace = recorder.trace()
    out = Path(folder, Path(path).stem + ".json")
    out.write_text(record_timeline.as_json(trace), "utf-8")
    out.with_suffix(".seen.json").write_text(json.dumps(seen), "utf-8")


def main(folder, *paths):
    """Record each of the scripts."""
    for path in paths:
        child = os.fork()
        if child:
            assert os.waitpid(child, 0)[1] == 0, path
            continue
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            virtual_clock.VirtualClock().__enter__()
            record(path, folder)
        except BaseException as error:
            Path(folder, "error").write_text(f"{path}: {error!r}")
            os._exit(1)
        os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
