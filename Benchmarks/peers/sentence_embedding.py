"""Peer of the workload `embed`: sentence-transformers on the lines of a text. See contestants.py for how it is spoken to."""

import argparse
import json
import resource
import sys
import time


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--text", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    options = parser.parse_args()

    import sentence_transformers
    import torch

    torch.set_num_threads(options.threads)
    lines = [line for line in open(options.text, encoding="utf-8").read().split("\n") if line]
    model = sentence_transformers.SentenceTransformer(options.model, device="cpu")

    def embed():
        return model.encode(lines, batch_size=options.batch, normalize_embeddings=True, show_progress_bar=False)

    vectors = embed()
    # Proof that both do the same work.
    likeness = float((vectors[:-1].astype("f8") * vectors[1:].astype("f8")).sum())
    print(
        json.dumps(
            {
                "name": f"sentence-transformers, batches of {options.batch}",
                "version": f"{sentence_transformers.__version__}, torch {torch.__version__}",
                "first_loss": likeness,
            }
        ),
        flush=True,
    )
    for _ in sys.stdin:
        rates = []
        for _ in range(options.steps):
            start = time.perf_counter()
            embed()
            rates.append(len(lines) / (time.perf_counter() - start))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"values": rates, "peak_resident_bytes": peak}), flush=True)


if __name__ == "__main__":
    main()
