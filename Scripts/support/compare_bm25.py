"""BM25 against an independent implementation: the ten best of 200 queries over the same tokens.

    python compare_bm25.py interest-query NEWS.TSV

Needs bm25s from the package index. Titles are queries, whole (100) and three of their words (100). Prints the mean overlap of the ten
best with bm25s' form of Lucene's formula for `interest-query index search --mode lexical` and for FTS5's own bm25().
"""

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import bm25s
import numpy

STOP_WORDS = set(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was "
    "will with".split()
)


def words(text: str) -> list[str]:
    """Runs of ASCII letters and digits: the rows that have others are left out, so that all sides have the same tokens."""
    result, word = [], ""
    for character in text.lower() + " ":
        if character.isascii() and character.isalnum():
            word += character
        elif word:
            result.append(word)
            word = ""
    return [word for word in result if word not in STOP_WORDS]


def best(scores: numpy.ndarray, ids: list[str]) -> list[str]:
    order = sorted(range(len(ids)), key=lambda row: (-scores[row], ids[row]))
    return [ids[row] for row in order[:10] if scores[row] > 0]


def overlap(reference: list[list[str]], found: list[list[str]]) -> float:
    shares = [len(set(a) & set(b)) / len(a) for a, b in zip(reference, found) if a]
    return sum(shares) / len(shares)


def main(command: str, news: str) -> int:
    rows = [line.rstrip("\n").split("\t") for line in open(news, encoding="utf-8")]
    rows = [row for row in rows if (row[3] + row[4]).isascii()]
    generator = random.Random(1)
    titles = [row[3] for row in generator.sample(rows, 200)]
    queries = titles[:100] + [
        " ".join(generator.sample(found, min(3, len(found)))) for found in map(words, titles[100:])
    ]

    ids = [row[0] for row in rows]
    documents = [words(row[3] + " " + row[4]) for row in rows]
    reference_index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    reference_index.index(documents, show_progress=False)
    reference = [best(reference_index.get_scores(words(query)), ids) for query in queries]

    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    database.executemany(
        "INSERT INTO words(rowid, text) VALUES (?, ?)", [(row, " ".join(found)) for row, found in enumerate(documents)]
    )
    plain = []
    for query in queries:
        expression = " OR ".join(f'"{word}"' for word in sorted(set(words(query))))
        found = database.execute("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 10", [expression])
        plain.append([ids[row[0]] for row in found])

    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder) / "articles.jsonl"
        with articles.open("w") as file:
            for row in rows:
                file.write(json.dumps({"id": row[0], "title": row[3], "abstract": row[4]}) + "\n")
        index = str(Path(folder) / "news.iqni")
        subprocess.run([command, "index", "build", "-q", "-a", str(articles), "-o", index], check=True)
        output = subprocess.run(
            [command, "index", "search", "--index", index, "--mode", "lexical", "--json", "--", *queries],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    ours = [[article["id"] for article in json.loads(line)["articles"]] for line in output.splitlines()]

    print(f"{len(rows)} articles, {len(queries)} queries")
    shared = overlap(reference, ours)
    print(f"ours with bm25s {shared:.4f}; FTS5's bm25() with bm25s {overlap(reference, plain):.4f}")
    return 0 if shared >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
