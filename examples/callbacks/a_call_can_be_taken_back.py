"""A handle is a call that has not happened yet."""

import asyncio


async def main() -> None:
    loop = asyncio.get_running_loop()
    alarm = loop.call_later(0.2, print, "alarm: wake up")
    tea = loop.call_later(0.1, print, "timer: the tea is ready")
    note = loop.call_soon(print, "note: never said")
    print("the tea comes first?", tea.when() < alarm.when())
    alarm.cancel()
    note.cancel()
    print("taken back?", alarm.cancelled(), tea.cancelled())
    await asyncio.sleep(0.3)  # main pauses; the loop calls


if __name__ == "__main__":
    asyncio.run(main())
