"""The people that W8 serves, as `interest-query generate` reads them."""

import json
import os
import pathlib
import random

from setting import REPOSITORY

SIGNALS = 12  # that a person has at most: more than a prompt of about 200 tokens holds
FEW = 7  # of a person of the sample


def write_people(file: pathlib.Path, count: int) -> None:
    """People of the data that INTEREST_QUERY_DATA names, else of the sample; to a line each."""
    found = histories() or samples(count)
    with open(file, "w", encoding="utf-8") as output:
        for index in range(count):
            person = dict(found[index % len(found)], id=f"p{index}")
            output.write(json.dumps(person, ensure_ascii=False) + "\n")


def histories() -> list[dict]:
    """What people of MIND read, the last of it."""
    folder = pathlib.Path(os.environ.get("INTEREST_QUERY_DATA", "")) / "mind"
    if not os.environ.get("INTEREST_QUERY_DATA") or not (folder / "news.tsv").is_file():
        return []
    lines = (folder / "news.tsv").read_text(encoding="utf-8").splitlines()
    titles = {cells[0]: cells[3] for cells in (line.split("\t") for line in lines) if len(cells) > 3}
    people = {}
    for part in ("dev", "train"):
        file = folder / part / "behaviors.tsv"
        for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else []:
            cells = line.split("\t")
            read = [titles[article] for article in cells[3].split() if article in titles] if len(cells) > 3 else []
            if len(read) >= 5 and cells[1] not in people:
                people[cells[1]] = person(read[-SIGNALS:])
    return list(people.values())


def person(titles: list[str]) -> dict:
    signals = [
        {"kind": "newsClick", "time": f"2026-03-{day + 1:02}T08:00:00Z", "text": title} for day, title in enumerate(titles)
    ]
    return {"language": "en", "signals": signals}


def samples(count: int) -> list[dict]:
    """The people of the sample, again and again with others of their signals, so that hardly two prompts are the same."""
    file = REPOSITORY / "Examples" / "Data" / "sample-people.jsonl"
    originals = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    people = []
    for index in range(count):
        original = originals[index % len(originals)]
        some = random.Random(index).sample(original["signals"], min(FEW, len(original["signals"])))
        people.append({"language": original.get("language"), "signals": some})
    return people
