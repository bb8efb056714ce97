"""Scripts/support/make_news_pairs.py on a few rows: what goes into a pair, and that time and people are kept apart."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Scripts" / "support"))
import make_news_pairs as maker  # noqa: E402

NEWS = "".join(f"N{i}\tnews\tworld\tTitle {i}\tabstract\turl\t[]\t[]\n" for i in range(1, 30)) + "N99\tnews\tworld\t\t\t\t[]\t[]\n"
ROWS = [
    # The second row of U1 comes first in time; N99 has no title, N2 was read before.
    "1\tU1\t11/12/2019 9:00:00 PM\tN1 N2 N3 N4\tN6-1 N7-0",
    "2\tU1\t11/12/2019 9:00:00 AM\tN1 N2 N3\tN5-1 N99-1 N2-1 N8-0",
    "3\tU2\t11/13/2019 9:00:00 AM\tN1 N2 N3 N4 N5 N6 N7 N8 N9 N10 N11 N12\tN20-1",
    "4\tU3\t11/15/2019 12:00:00 PM\tN1 N2 N3\tN21-1",
    "5\tU4\t11/15/2019 12:00:00 PM\tN1 N2\tN22-1",
    "6\tU5\t11/15/2019 12:00:00 PM\tN1 N2 N3\tN23-0",
]


class NewsPairs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "train").mkdir()
        (self.folder / "news.tsv").write_text(NEWS)
        (self.folder / "train" / "behaviors.tsv").write_text("".join(row + "\n" for row in ROWS))
        (self.folder / "train" / "behaviors_undersampled.tsv").write_text("7\tU9\tnever\tN1 N2 N3\tN4-1\n")
        titles = maker.titles(self.folder)
        people = {}
        for visit in maker.visits(self.folder):
            people.setdefault(visit.user, []).append(visit)
        self.pairs = {user: maker.pair(visits, titles) for user, visits in people.items()}

    def test_the_prompt_is_what_was_read_before_the_first_click_and_the_completion_what_was_clicked_after(self):
        _, pair = self.pairs["U1"]
        self.assertIn("- Title 1\n- Title 2\n- Title 3\nNext", pair["prompt"])
        self.assertEqual(pair["completion"], "Title 5\nTitle 6\n")

    def test_a_prompt_has_the_latest_titles(self):
        _, pair = self.pairs["U2"]
        self.assertNotIn("Title 2\n", pair["prompt"])
        self.assertIn("- Title 3\n", pair["prompt"])
        self.assertIn("- Title 12\nNext", pair["prompt"])

    def test_people_with_too_little_are_left_out(self):
        self.assertIsNone(self.pairs["U4"])
        self.assertIsNone(self.pairs["U5"])
        self.assertNotIn("U9", self.pairs)

    def test_held_out_pairs_are_later_than_all_others(self):
        pairs = [pair for pair in self.pairs.values() if pair]
        training, held_out = maker.split(pairs, 2, 1, seed=0)
        self.assertEqual({pair["completion"] for pair in training}, {"Title 5\nTitle 6\n", "Title 20\n"})
        self.assertEqual([pair["completion"] for pair in held_out], ["Title 21\n"])

    def test_too_few_pairs_are_said(self):
        pairs = [pair for pair in self.pairs.values() if pair]
        with self.assertRaisesRegex(SystemExit, "2 pairs to train on and 1 to hold out"):
            maker.split(pairs, 3, 1, seed=0)


if __name__ == "__main__":
    unittest.main()
