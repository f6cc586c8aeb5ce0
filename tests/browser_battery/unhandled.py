# /// script
# [tool.example]
# exit-code = 1
# ///

"""Errors with causes and notes, out of a thread, out of the program."""

import asyncio
import threading


def fail():
    raise RuntimeError("in a thread")


async def ask():
    try:
        input("Your name? ")
    except EOFError as error:
        error.add_note("nobody is there")
        raise ValueError("no name") from error


thread = threading.Thread(target=fail, name="worker")
thread.start()
thread.join()
asyncio.run(ask())
