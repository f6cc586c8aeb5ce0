"""Run many programs by one interpreter that has their imports ready.

Started as a script, with the number of a socket and the names of the modules to
import. For each request it forks; the child becomes the program.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import socket
import sys
from pathlib import Path
from types import TracebackType

import record_timeline

# What a program may write to a file (bytes), compute (s), and hold (bytes).
LIMITS = {
    resource.RLIMIT_FSIZE: 32 * 2**20,
    resource.RLIMIT_CPU: 60,
    resource.RLIMIT_AS: 8 * 2**30,
}

OURS = {__file__, record_timeline.__file__}


def hide_this_file(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print a traceback as it would be without this server."""
    while trace is not None and trace.tb_frame.f_code.co_filename in OURS:
        trace = trace.tb_next
    print_traceback(kind, error.with_traceback(trace), trace)


print_traceback = sys.__excepthook__


def become(
    script: str, tool: list[str], cwd: str, home: str, out: str, err: str
) -> None:
    """Run the program at `script` to its end, as `python script` does.

    Args:
        script: the path of the program.
        tool: the name of the tool that runs it, and its arguments; or nothing.
        cwd: the folder to run it in.
        home: where it finds its home and its temporary files.
        out: the path of the file for what it prints.
        err: the path of the file for its errors.
    """
    os.setsid()
    for number, path in enumerate((os.devnull, out, err)):
        flags = os.O_RDWR | os.O_APPEND if number else os.O_RDONLY
        os.dup2(os.open(path, flags), number)
    os.closerange(3, 256)
    os.chdir(cwd)
    os.environ.update(HOME=home, TMPDIR=home)
    for limit, value in LIMITS.items():
        resource.setrlimit(limit, (value, value))
    sys.__excepthook__ = sys.excepthook = hide_this_file
    if tool:
        name, *arguments = tool
        sys.modules["__main__"] = module = importlib.import_module(name)
        module.main([*arguments, script])
        return
    record_timeline.execute(script, Path(script).read_bytes(), [script])


def serve(connection: socket.socket) -> dict[str, object] | None:
    """Fork for each request, and tell the child's process id and its exit status.

    Returns in a child what it is to become, and None where nobody asks any more.
    """
    with connection, connection.makefile("r") as requests:
        for request in requests:
            child = os.fork()
            if not child:
                return json.loads(request)
            connection.sendall(b"%d\n" % child)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            connection.sendall(b"%d\n" % status)
    return None


if __name__ == "__main__":
    for module in sys.argv[2:]:
        importlib.import_module(module)
    gc.freeze()
    wanted = serve(socket.socket(fileno=int(sys.argv[1])))
    if wanted is not None:
        become(**wanted)
