"""A loop with nothing to do sleeps in the operating system."""

import asyncio
import selectors
import time

Ready = list[tuple[selectors.SelectorKey, int]]


class WatchedSelector(selectors.DefaultSelector):
    """The usual selector; notes how long the loop lets it sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: list[str] = []

    def select(self, timeout: float | None = None) -> Ready:
        none = timeout is None
        self.limits.append("no limit" if none else f"{timeout:.0f} s")
        return super().select(timeout)  # here the thread may sleep


async def main(limits: list[str]) -> None:
    busy = time.process_time()
    limits.clear()
    await asyncio.sleep(2)
    print("the loop asked", len(limits), "times")
    print("the selector might sleep for:", ", ".join(limits))
    print(f"computing: {time.process_time() - busy:.0f} s")


if __name__ == "__main__":
    selector = WatchedSelector()
    with asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(selector)
    ) as runner:
        runner.run(main(selector.limits))
