"""Whether a series of samples grows, by its slope and how sure that is."""

import math
import random
import statistics

_MOST_PAIRS = 20_000
# Twice the normal quantile's usual 1.96: a false alarm once in some thousands of series.
SURE = 3.5
# What swings so widely that growth cannot be told from it grows by no more than this share of its level.
UNSURE = 0.05


def theil_sen(times, values, rng=None):
    """The median of the slopes between all pairs (Theil 1950, Sen 1968), of a random choice of them where
    there are very many: a step or a peak moves it little."""
    count = len(times)
    rng = rng or random.Random(1)
    if count * (count - 1) // 2 <= _MOST_PAIRS:
        pairs = ((i, j) for i in range(count) for j in range(i + 1, count))
    else:
        pairs = (sorted(rng.sample(range(count), 2)) for _ in range(_MOST_PAIRS))
    return statistics.median((values[j] - values[i]) / (times[j] - times[i]) for i, j in pairs)


def block_means(times, values, blocks):
    """The means of so many equal parts: neighbouring samples are alike, parts hardly."""
    size = len(times) / blocks
    cut = [range(round(i * size), round((i + 1) * size)) for i in range(blocks)]
    return ([statistics.fmean(times[i] for i in part) for part in cut],
            [statistics.fmean(values[i] for i in part) for part in cut])


def least_squares(times, values):
    """(slope, its standard error)"""
    mean_time, mean = statistics.fmean(times), statistics.fmean(values)
    spread = sum((t - mean_time) ** 2 for t in times)
    slope = sum((t - mean_time) * (v - mean) for t, v in zip(times, values)) / spread
    rest = sum((v - mean - slope * (t - mean_time)) ** 2 for t, v in zip(times, values))
    return slope, math.sqrt(rest / (len(times) - 2) / spread)


class Trend:
    """The slope of samples a second apart or so, the standard error of it, and whether it is zero within
    noise, which excuses a part of the level (`UNSURE`) and not any growth. `resolution` is what the figure
    may change by over the whole time without meaning anything."""

    def __init__(self, times, values, resolution):
        self.first, self.last = values[0], values[-1]
        self.least, self.most = min(values), max(values)
        self.span = times[-1] - times[0]
        self.slope = theil_sen(times, values)
        _, self.error = least_squares(*block_means(times, values, min(20, max(4, len(times) // 5))))
        self.grown = self.slope * self.span
        self.flat = self.grown <= resolution or (
            self.slope <= SURE * self.error and self.grown <= UNSURE * abs(statistics.median(values)))
