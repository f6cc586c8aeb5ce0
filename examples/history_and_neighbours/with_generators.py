"""Generators: a step ends at a yield, and the answer is sent in."""

import time
from collections.abc import Generator

CITIES = {"Ada": "London"}
STAMPS = {"London": "a blue stamp"}

Question = tuple[dict[str, str], str]
Job = Generator[Question, str, None]


def post(name: str) -> Job:
    try:
        city = yield CITIES, name  # paused here, until run has asked
        stamp = yield STAMPS, city
        print(f"{name}: {stamp}")
    except LookupError as error:
        print(f"{name}: nobody knows {error.args[0]}")


def run(*jobs: Job) -> None:
    asked = [(job, next(job)) for job in jobs]
    while asked:
        time.sleep(0.1)  # all of the questions wait together
        answered, asked = asked, []
        for job, (book, word) in answered:
            try:
                if word in book:
                    question = job.send(book[word])
                else:
                    question = job.throw(LookupError(word))
            except StopIteration:  # this job is done
                continue
            asked.append((job, question))


if __name__ == "__main__":
    run(post("Ada"), post("Bob"))
