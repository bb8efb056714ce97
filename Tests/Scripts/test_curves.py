"""Benchmarks/peers/curves.py: when two loss curves agree."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Benchmarks" / "peers"))
from curves import curves, judge  # noqa: E402


def run(losses: list[float], held_out: list[float]) -> dict:
    return {"loss": dict(enumerate(losses, 1)), "validation_loss": dict(zip((0, len(losses)), held_out))}


class Curves(unittest.TestCase):
    def test_lines_become_curves_and_the_last_line_of_a_step_counts(self):
        lines = ['{"step": 1, "loss": 2.0}', "", '{"step": 1, "loss": 3.0, "norm": 1}', '{"step": 2, "validation_loss": 1}', '{"seed": 1}']
        self.assertEqual(curves(lines), {"loss": {1: 3.0}, "validation_loss": {2: 1.0}})

    def test_the_largest_difference_is_found(self):
        verdict = judge(run([2.0, 1.0], [2.0, 1.0]), run([2.0, 1.005], [2.0, 1.001]), 0.01)
        self.assertAlmostEqual(verdict.largest, 0.005 / 1.005)
        self.assertEqual(verdict.where, "loss of step 2")
        self.assertEqual(verdict.problems, [])

    def test_a_difference_above_the_limit_fails(self):
        self.assertIn("differ by", judge(run([2.0], [2.0, 1.0]), run([2.1], [2.0, 1.0]), 0.01).problems[0])

    def test_a_value_that_is_no_number_fails(self):
        self.assertTrue(judge(run([float("nan")], [2.0, 1.0]), run([2.1], [2.0, 1.0]), 0.01).problems)

    def test_missing_steps_fail(self):
        self.assertIn("has step 2", judge(run([2.0], [2.0, 1.0]), run([2.0, 1.0], [2.0, 1.0]), 0.01).problems[0])

    def test_a_held_out_loss_that_does_not_fall_fails(self):
        same = run([2.0], [2.0, 2.0])
        self.assertIn("does not fall", judge(same, same, 0.01).problems[0])


if __name__ == "__main__":
    unittest.main()
