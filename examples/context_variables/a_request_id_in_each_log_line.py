"""A filter writes the request's id into every log line."""

import asyncio
import logging
import sys
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
shop = logging.getLogger("shop")
bank = logging.getLogger("bank")  # as of a library that you call


class AddRequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


async def charge(seconds: float) -> None:
    await asyncio.sleep(seconds)
    bank.info("card charged")


async def handle(number: int) -> None:
    request_id.set(f"r{number}")
    shop.info("order received")
    async with asyncio.TaskGroup() as group:  # its tasks have copies
        group.create_task(charge(0.2 / number))
    shop.info("order sent")


async def main() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(AddRequestId())
    line = "[%(request_id)s] %(name)s: %(message)s"
    logging.basicConfig(level="INFO", format=line, handlers=[handler])
    shop.info("open")
    await asyncio.gather(handle(1), handle(2))
    shop.info("closed")


if __name__ == "__main__":
    asyncio.run(main())
