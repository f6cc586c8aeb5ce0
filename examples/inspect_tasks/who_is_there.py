"""all_tasks is a set of what runs; a name tells who is who."""

import asyncio


async def serve(table: int, done: asyncio.Event) -> None:
    me = asyncio.current_task()
    assert me is not None
    me.set_name(f"table {table}")  # for the log, and for the report
    await done.wait()


def report() -> None:
    for task in sorted(asyncio.all_tasks(), key=str):
        function = task.get_stack()[-1].f_code.co_name
        mine = " (this one)" if task is asyncio.current_task() else ""
        print(f"- {task.get_name()}: {function}{mine}")


async def main() -> None:
    done = asyncio.Event()
    async with asyncio.TaskGroup() as tables:
        for table in (1, 2):
            tables.create_task(serve(table, done))
        await asyncio.sleep(0)  # main pauses; both begin
        print("at noon")
        report()
        done.set()
    print("in the evening")
    report()


if __name__ == "__main__":
    asyncio.run(main())
