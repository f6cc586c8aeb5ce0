"""A callback cancels the block; the block takes the request back."""

import asyncio
from types import TracebackType


class Until:
    """Ends its block when a future is done, as a timeout would."""

    def __init__(self, bell: asyncio.Future[None]) -> None:
        self.bell = bell
        self.rang = self.inside = False

    async def __aenter__(self) -> "Until":
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.before = task.cancelling()
        self.inside = True
        self.bell.add_done_callback(self.ring)
        return self

    def ring(self, bell: asyncio.Future[None]) -> None:
        if self.inside:  # it may have left since the bell rang
            self.rang = True
            self.task.cancel()  # the await in the block raises

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self.inside = False
        self.bell.remove_done_callback(self.ring)
        if not self.rang:
            return False
        mine = self.task.uncancel() <= self.before  # and no other's
        return mine and kind is asyncio.CancelledError


async def main() -> None:
    loop = asyncio.get_running_loop()
    bell = loop.create_future()
    loop.call_later(0.1, bell.set_result, None)
    async with Until(bell) as lesson:
        await asyncio.sleep(60)
        print("teacher: and so on")
    print("the bell rang?", lesson.rang)
    print("requests left:", lesson.task.cancelling())
    late = loop.create_future()
    async with Until(late) as lesson:
        print("teacher: that is all")
        late.set_result(None)  # ring comes after the block
    await asyncio.sleep(0.1)
    print("it rang?", late.done(), "in class?", lesson.rang)


if __name__ == "__main__":
    asyncio.run(main())
