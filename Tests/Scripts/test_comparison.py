"""Benchmarks/peers/contestants.py with small programs for contestants: who counts, what the ratio is, what is refused."""

import contextlib
import io
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Benchmarks" / "peers"))
import contestants  # noqa: E402

PEER = """
import json, sys
print(json.dumps({{"name": {name!r}, "version": "1", "first_loss": {loss}}}), flush=True)
for figures in {rounds}:
    if not sys.stdin.readline(): break
    print(json.dumps({{"values": figures, "peak_resident_bytes": 2000}}), flush=True)
"""
OURS = 'print(\'{"values": [9, 20, 30], "peak_resident_bytes": 1000, "first_loss": 2.5}\')'


def program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def match(peers: list[str], unit: str = "tokens/s", ours: str = OURS, **options) -> contestants.Match:
    return contestants.Match("W0", "f32", unit, 1.5, program(ours), [program(peer) for peer in peers], 1e-4, **options)


def compare(match: contestants.Match, rounds: int = 2) -> contestants.Row:
    with contextlib.redirect_stderr(io.StringIO()):
        (row,) = contestants.compare([match], rounds)
    if isinstance(row, contestants.Failure):
        raise row
    return row


class Comparison(unittest.TestCase):
    slow = PEER.format(name="slow", loss=2.5, rounds=[[5, 5, 5], [6, 6, 6]])
    fast = PEER.format(name="fast", loss=2.5, rounds=[[10, 11, 10], [16, 1, 16]])

    def test_our_median_is_held_against_the_fastest_round_of_the_fastest_peer(self):
        row = compare(match([self.slow, self.fast]))
        self.assertEqual((row.ours, row.peer, row.peer_name), (20, 16, "fast"))
        self.assertEqual(row.ratio, 20 / 16)
        self.assertEqual(row.peer_rounds, {"slow": [5, 6], "fast": [10, 16]})
        self.assertEqual((row.ours_peak_bytes, row.peer_peak_bytes), (1000, 2000))

    def test_where_less_is_better_the_ratio_is_turned_round(self):
        row = compare(match([self.slow, self.fast], unit="s"))
        self.assertEqual((row.peer, row.peer_name, row.ratio), (5, "slow", 5 / 20))

    def test_a_goal_may_be_about_one_peer_or_about_rivals_in_other_formats_too(self):
        peers = [self.slow, self.fast]
        self.assertEqual(compare(match(peers, goal_peer="slow")).peer, 6)
        rival = program(PEER.format(name="rival", loss=9, rounds=[[40], [30]]))
        self.assertEqual(compare(match(peers, rivals=[rival])).peer, 16)
        self.assertEqual(compare(match(peers, rivals=[rival], goal_peer=contestants.Match.ALL)).peer, 40)
        with self.assertRaisesRegex(contestants.Failure, "the goal is about nobody"):
            compare(match(peers, goal_peer="nobody"))

    def test_a_row_that_fails_leaves_the_others(self):
        other = PEER.format(name="other", loss=2.6, rounds=[[5], [5]])
        with contextlib.redirect_stderr(io.StringIO()):
            rows = contestants.compare([match([other]), match([self.slow])], 2)
        self.assertEqual([type(row) for row in rows], [contestants.Failure, contestants.Row])

    def test_other_first_tokens_mean_other_work(self):
        with self.assertRaisesRegex(contestants.Failure, "the first tokens are"):
            compare(match([self.slow.replace("2000}", '2000, "tokens": [1, 2]}')], common_tokens=2))

    def test_a_peer_that_does_not_run_leaves_the_others(self):
        row = compare(match(["raise SystemExit(3)", self.slow]))
        self.assertEqual(row.peer_name, "slow")

    def test_without_any_peer_it_fails(self):
        with self.assertRaisesRegex(contestants.Failure, "no peer of W0 f32 runs"):
            compare(match(["raise SystemExit(3)"]))

    def test_another_loss_means_other_work(self):
        other = PEER.format(name="other", loss=2.6, rounds=[[5], [5]])
        with self.assertRaisesRegex(contestants.Failure, "not the same work"):
            compare(match([other]))

    def test_our_failure_is_a_failure(self):
        with self.assertRaisesRegex(contestants.Failure, "ours ended with status 3"):
            compare(match([self.slow], ours="raise SystemExit(3)"))


if __name__ == "__main__":
    unittest.main()
