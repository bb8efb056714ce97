#!/usr/bin/env python3
"""Writes a small folder in MIND's layout, with made-up articles, people and clicks: for tests of commands, not for figures.

    make_tiny_news.py FOLDER [--people N] [--seed S]

Every person reads one of six subjects and clicks what is of it; the same seed writes the same bytes.
"""

import argparse
import pathlib
import random

SUBJECTS = {
    "sports": ("Rowers", "Goalkeeper", "Marathon", "Cyclists", "Curling team", "Skiers"),
    "science": ("Comet", "Glacier", "Telescope", "Fossil", "Bat colony", "Volcano"),
    "food": ("Bakery", "Cider", "Olive harvest", "Noodle shop", "Cheese", "Market stall"),
    "finance": ("Bank", "Bond", "Currency", "Insurer", "Pension fund", "Auction"),
    "music": ("Choir", "Organ", "Jazz club", "Opera", "Fiddle", "Drummer"),
    "travel": ("Ferry", "Night train", "Lighthouse", "Harbour", "Mountain hut", "Canal"),
}
EVENTS = ("opens again", "sets a record", "is up for sale", "wins a prize", "moves north", "divides a town", "turns a hundred")


def articles(random_: random.Random) -> list[tuple[str, str, str]]:
    """(id, subject, title)"""
    titles = [(subject, f"{thing} {event}") for subject, things in SUBJECTS.items() for thing in things for event in EVENTS]
    random_.shuffle(titles)
    return [(f"N{number}", subject, title) for number, (subject, title) in enumerate(titles, 1)]


def behaviors(random_: random.Random, news: list[tuple[str, str, str]], first: int, people: int) -> str:
    lines = []
    for person in range(first, first + people):
        subject = random_.choice(sorted(SUBJECTS))
        liked = [id_ for id_, of, _ in news if of == subject]
        other = [id_ for id_, of, _ in news if of != subject]
        history = random_.sample(liked, 5) + random_.sample(other, 2)
        click = random_.choice([id_ for id_ in liked if id_ not in history])
        slate = [f"{click}-1"] + [f"{id_}-0" for id_ in random_.sample([id_ for id_ in other if id_ not in history], 5)]
        random_.shuffle(slate)
        lines.append(f"{person}\tU{person}\t11/15/2019 12:00:00 PM\t{' '.join(history)}\t{' '.join(slate)}\n")
    return "".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--people", type=int, default=40, help="who train; a quarter of them more is measured")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random_ = random.Random(options.seed)
    news = articles(random_)
    for split in ("train", "dev"):
        (options.folder / split).mkdir(parents=True, exist_ok=True)
    rows = (f"{id_}\t{subject}\t{subject}\t{title}\t\t\t[]\t[]\n" for id_, subject, title in news)
    (options.folder / "news.tsv").write_text("".join(rows), encoding="utf-8")
    people = options.people
    (options.folder / "train" / "behaviors.tsv").write_text(behaviors(random_, news, 1, people), encoding="utf-8")
    (options.folder / "dev" / "behaviors.tsv").write_text(
        behaviors(random_, news, people + 1, max(1, people // 4)), encoding="utf-8"
    )


main()
