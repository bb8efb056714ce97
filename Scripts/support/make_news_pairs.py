#!/usr/bin/env python3
"""Makes prompt/completion pairs for training from clicks on news in the format of MIND.

    make_news_pairs.py --data DIR --out pairs.jsonl --count 500 [--held-out N] [--seed N]

DIR holds news.tsv (id, category, subcategory, title, ...) and, in train/, behaviors.tsv and perhaps further files of
the same five columns (impression, user, time, clicked before, shown as ID-1 or ID-0). A pair is one person: the prompt
has the titles clicked before, the completion the titles clicked later, one a line. Files whose name has "undersampled"
are left out: they carry no times, and one person may stand in several of their rows.

With --held-out, N pairs of other people, all later than every training pair, go to pairs.held-out.jsonl. So nothing
that is learnt was clicked after what it is measured on, and nobody is on both sides. The data itself is Microsoft's and
not for redistribution: keep both files out of repositories.
"""

import argparse
import csv
import datetime
import json
import pathlib
import random
import sys
from dataclasses import dataclass

FEWEST_READ = 3  # titles that a prompt must have
MOST_READ = 10  # the latest ones that it shows
MOST_CLICKED = 5


@dataclass(frozen=True)
class Visit:
    """One row of a behaviours file."""

    user: str
    time: datetime.datetime
    before: tuple[str, ...]  # news ids, oldest first
    clicked: tuple[str, ...]


def rows(file: pathlib.Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def titles(folder: pathlib.Path) -> dict[str, str]:
    return {row[0]: " ".join(row[3].split()) for row in rows(folder / "news.tsv") if len(row) > 3 and row[3].strip()}


def visits(folder: pathlib.Path) -> list[Visit]:
    found = []
    for file in sorted((folder / "train").glob("behaviors*.tsv")):
        if "undersampled" in file.name:
            continue
        for row in rows(file):
            clicked = tuple(shown[:-2] for shown in row[4].split() if shown.endswith("-1"))
            time = datetime.datetime.strptime(row[2], "%m/%d/%Y %I:%M:%S %p")
            found.append(Visit(row[1], time, tuple(row[3].split()), clicked))
    return found


def pair(person: list[Visit], titles: dict[str, str]) -> tuple[datetime.datetime, dict] | None:
    """The pair of one person and the time of its first click; None if too little of it has titles."""
    person = sorted(person, key=lambda visit: visit.time)
    before = list(dict.fromkeys(titles[news] for news in person[0].before if news in titles))
    later = dict.fromkeys(titles[news] for visit in person for news in visit.clicked if news in titles)
    # What was read before is no news, and would be the answer in the question.
    clicked = [title for title in later if title not in before]
    if len(before) < FEWEST_READ or not clicked:
        return None
    read = "".join(f"- {title}\n" for title in before[-MOST_READ:])
    return person[0].time, {
        "prompt": f"A person read these news, the latest last:\n{read}Next this person read:\n",
        "completion": "".join(f"{title}\n" for title in clicked[:MOST_CLICKED]),
    }


def split(pairs: list[tuple[datetime.datetime, dict]], count: int, held_out: int, seed: int) -> tuple[list, list]:
    """`count` training pairs from before the first day of the `held_out` latest ones; in the order of a seeded shuffle."""
    generator = random.Random(seed)
    last_day = max(time.date() for time, _ in pairs)
    late = [pair for time, pair in pairs if time.date() == last_day] if held_out else []
    early = [pair for time, pair in pairs if not held_out or time.date() < last_day]
    if len(early) < count or len(late) < held_out:
        raise SystemExit(
            f"error: {len(early)} pairs to train on and {len(late)} to hold out (clicks of {last_day}); "
            f"{count} and {held_out} were asked for"
        )
    return generator.sample(early, count), generator.sample(late, held_out)


def write(file: pathlib.Path, pairs: list[dict]) -> None:
    file.write_text("".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs), encoding="utf-8")
    print(f"{file}: {len(pairs)} pairs", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="a folder with news.tsv and train/behaviors.tsv")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the file of pairs to write")
    parser.add_argument("--count", type=int, default=500, help="pairs to train on")
    parser.add_argument("--held-out", type=int, default=0, help="pairs of other, later people to measure on")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    known = titles(options.data)
    people: dict[str, list[Visit]] = {}
    for visit in visits(options.data):
        people.setdefault(visit.user, []).append(visit)
    pairs = [made for user in sorted(people) if (made := pair(people[user], known))]
    if not pairs:
        raise SystemExit(f"error: no person in {options.data} has {FEWEST_READ} titles read before and one clicked later")
    training, held_out = split(pairs, options.count, options.held_out, options.seed)
    write(options.out, training)
    if options.held_out:
        write(options.out.with_suffix(".held-out.jsonl"), held_out)


if __name__ == "__main__":
    main()
