#!/usr/bin/env python3
"""What is growth and what is noise (slope.py)."""

import random
import unittest

import slope

SECONDS = list(range(600))


class Slopes(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(3)

    def trend(self, values, resolution=1.0):
        return slope.Trend(SECONDS, values, resolution)

    def noise(self, width):
        return [self.random.gauss(0, width) for _ in SECONDS]

    def test_noise_is_flat(self):
        flat = [self.trend([100 + n for n in self.noise(3)], 0).flat for _ in range(40)]
        self.assertEqual(flat.count(False), 0)

    def test_what_never_changes_is_flat(self):
        self.assertTrue(self.trend([15.0] * len(SECONDS), 0).flat)

    def test_growth_within_noise_is_found(self):
        """Six in ten minutes, under noise that is half as wide."""
        trend = self.trend([100 + t / 100 + n for t, n in zip(SECONDS, self.noise(3))])
        self.assertFalse(trend.flat)
        self.assertAlmostEqual(trend.slope * 100, 1, delta=0.3)

    def test_steps_of_a_leak_are_found(self):
        self.assertFalse(self.trend([100 + t // 60 for t in SECONDS]).flat)

    def test_a_peak_is_no_growth(self):
        self.assertTrue(self.trend([100 + (50 if 400 < t < 420 else 0) for t in SECONDS]).flat)

    def test_what_shrinks_is_flat(self):
        self.assertTrue(self.trend([100 - t / 100 for t in SECONDS]).flat)

    def test_neighbours_that_are_alike_are_no_growth(self):
        """A figure that swings for a minute at a time."""
        self.assertTrue(self.trend([100 + 5 * (t // 60 % 2) for t in SECONDS]).flat)

    def test_a_leak_under_wide_swings_is_found(self):
        """Thirty in ten minutes, under swings that are so wide that its slope is not sure."""
        trend = self.trend([100 + t / 20 + 80 * (t // 60 % 2) for t in SECONDS])
        self.assertLess(trend.slope, slope.SURE * trend.error)
        self.assertFalse(trend.flat)


if __name__ == "__main__":
    unittest.main()
