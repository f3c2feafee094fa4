# bounds.py make N SEED: N lines "x n", half of them at the edges.
# bounds.py check FILE: lines "x n confidence lower upper" against scipy's beta quantiles.
import random
import sys

from scipy.stats import beta


def make(count, seed):
    r = random.Random(seed)
    for i in range(count):
        n = r.choice([1, 2, 3, 5, 10, 59, 100, 299, 500, 1319, 2000])
        print(r.choice([0, n, r.randint(0, n), min(1, n), max(0, n - 1)]), n)


def check(path):
    worst = 0.0
    count = 0
    for line in open(path):
        x, n, confidence, lower, upper = map(float, line.split())
        want_lower = 0.0 if x == 0 else beta.ppf(1 - confidence, x, n - x + 1)
        want_upper = 1.0 if x == n else beta.ppf(confidence, x + 1, n - x)
        worst = max(worst, abs(lower - want_lower), abs(upper - want_upper))
        count += 1
    print(f"{count} pairs of bounds, largest difference {worst:.3g}")
    sys.exit(not (count and worst < 1e-9))


if sys.argv[1] == "make":
    make(int(sys.argv[2]), int(sys.argv[3]))
else:
    check(sys.argv[2])
