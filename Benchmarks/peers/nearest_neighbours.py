"""Peers of W9, and its data. See contestants.py for how a peer is spoken to.

    python nearest_neighbours.py make FOLDER --embeddings MODEL --text FILE   writes base.f32, queries.f32 and nearest.i32
    python nearest_neighbours.py hnswlib|faiss|faiss-flat FOLDER ...          measures
"""

import argparse
import json
import resource
import sys
import time

import numpy

DIMENSION = 384
COUNT = 100_000
QUERIES = 1_000
# How far a copy lies from its title, as a part of the title's length: far enough that copies are no duplicates, near enough that
# clusters stay what they are among real titles.
NOISE = 0.6


def make(folder: str, model: str, text: str, threads: int) -> None:
    """Real sentence vectors, and noisy copies of them up to 100,000: there are not that many real titles here."""
    import sentence_transformers
    import torch

    torch.set_num_threads(threads)
    lines = [line for line in open(text, encoding="utf-8").read().split("\n") if line]
    encoder = sentence_transformers.SentenceTransformer(model, device="cpu")
    real = encoder.encode(lines, batch_size=64, normalize_embeddings=True, show_progress_bar=False).astype("f4")
    random = numpy.random.default_rng(1)
    asked = random.permutation(len(real))[: min(QUERIES, len(real) // 4)]
    rest = numpy.setdiff1d(numpy.arange(len(real)), asked)

    def copies(rows, count):
        """Rows, then copies of them moved in a random direction."""
        chosen = real[rows[random.integers(0, len(rows), max(0, count - len(rows)))]]
        moves = random.standard_normal(chosen.shape).astype("f4")
        moves *= NOISE / numpy.linalg.norm(moves, axis=1, keepdims=True)
        vectors = numpy.concatenate([real[rows], chosen + moves])[:count]
        return (vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)).astype("f4")

    base = copies(rest, COUNT)
    queries = copies(asked, QUERIES)
    nearest = numpy.argsort(-(queries @ base.T), axis=1, kind="stable")[:, :10].astype("i4")
    base.tofile(f"{folder}/base.f32")
    queries.tofile(f"{folder}/queries.f32")
    nearest.tofile(f"{folder}/nearest.i32")


def searcher(options, base):
    """Name, version, and a function from queries to the ten nearest of each."""
    if options.who == "hnswlib":
        import hnswlib

        index = hnswlib.Index(space="ip", dim=DIMENSION)
        index.init_index(max_elements=len(base), ef_construction=options.build_width, M=options.links)
        index.add_items(base, num_threads=options.threads)
        index.set_ef(options.search_width)
        return "hnswlib", getattr(hnswlib, "__version__", ""), lambda queries: index.knn_query(
            queries, k=10, num_threads=options.threads
        )[0]
    import faiss

    faiss.omp_set_num_threads(options.threads)
    if options.who == "faiss-flat":
        index = faiss.IndexFlatIP(DIMENSION)
    else:
        index = faiss.IndexHNSWFlat(DIMENSION, options.links, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = options.build_width
        index.hnsw.efSearch = options.search_width
    index.add(base)
    return options.who, faiss.__version__, lambda queries: index.search(queries, 10)[1]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("who", choices=["make", "hnswlib", "faiss", "faiss-flat"])
    parser.add_argument("folder")
    parser.add_argument("--embeddings")
    parser.add_argument("--text")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--links", type=int, default=16)
    parser.add_argument("--build-width", type=int, default=200)
    parser.add_argument("--search-width", type=int, default=80)
    options = parser.parse_args()
    if options.who == "make":
        make(options.folder, options.embeddings, options.text, options.threads)
        return
    base = numpy.fromfile(f"{options.folder}/base.f32", "f4").reshape(-1, DIMENSION)
    queries = numpy.fromfile(f"{options.folder}/queries.f32", "f4").reshape(-1, DIMENSION)
    nearest = numpy.fromfile(f"{options.folder}/nearest.i32", "i4").reshape(-1, 10)
    name, version, search = searcher(options, base)
    search(queries)
    print(json.dumps({"name": name, "version": version}), flush=True)
    for _ in sys.stdin:
        rates = []
        for _ in range(options.steps):
            start = time.perf_counter()
            found = search(queries)
            rates.append(len(queries) / (time.perf_counter() - start))
        hits = sum(len(set(a) & set(b)) for a, b in zip(found.tolist(), nearest.tolist()))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"values": rates, "recall": hits / nearest.size, "peak_resident_bytes": peak}), flush=True)


if __name__ == "__main__":
    main()
