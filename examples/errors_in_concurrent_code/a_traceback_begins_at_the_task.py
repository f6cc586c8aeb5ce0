"""A task's traceback knows who awaited it, and not who made it."""

import asyncio
import traceback


def told(error: BaseException | None) -> str:
    trace = error.__traceback__ if error is not None else None
    return " > ".join(f.name for f in traceback.extract_tb(trace))


async def call(guest: str) -> None:
    raise OSError("wrong number")


async def invite(guest: str) -> None:
    try:
        await call(guest)
    except OSError as error:
        error.add_note(f"while inviting {guest}")
        raise


def start_to_invite(guest: str) -> asyncio.Task[None]:
    return asyncio.create_task(invite(guest))


async def main() -> None:
    tasks = [start_to_invite(guest) for guest in ("Ada", "Grace")]
    await asyncio.wait(tasks)  # raises nothing
    print("in the task:   ", told(tasks[1].exception()))
    for which in ("first await:   ", "second await:  "):
        try:
            await tasks[1]
        except OSError as error:
            print(which, told(error))
            last = error
    print(*traceback.format_exception_only(last), sep="", end="")
    print("and the other: ", tasks[0].exception())


if __name__ == "__main__":
    asyncio.run(main())
