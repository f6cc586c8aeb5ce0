"""A task sends None, is handed a future, and is called back by it."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class HandMadeTask:
    def __init__(self, coroutine: Coroutine[Any, Any, str]) -> None:
        self.coroutine = coroutine
        self.loop = asyncio.get_running_loop()
        self.end: asyncio.Future[str] = self.loop.create_future()
        self.loop.call_soon(self.step)

    def step(self, _: asyncio.Future[Any] | None = None) -> None:
        try:
            handed = self.coroutine.send(None)
        except StopIteration as end:
            self.end.set_result(end.value)
        except BaseException as error:
            self.end.set_exception(error)
        else:
            if handed is None:  # a bare yield: let others run
                print("step: was handed None")
                self.loop.call_soon(self.step)
            else:
                print("step: was handed a", type(handed).__name__)
                handed.add_done_callback(self.step)


async def brew() -> str:
    print("brew: water on")
    await asyncio.sleep(0)
    print("brew: leaves in")
    await asyncio.sleep(0.1)
    return "hot tea"


async def main() -> None:
    task = HandMadeTask(brew())
    print("main: made, not begun")
    print("main: got", await task.end)


if __name__ == "__main__":
    asyncio.run(main())
