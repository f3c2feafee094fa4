# paired.py FILE: lines "n gained lost difference lower upper p" against McNemar's exact test by scipy's
# binomial and Tango's interval by Brent's method on the score statistic.
import sys

from scipy.optimize import brentq
from scipy.stats import binomtest, norm


def score(n, gained, lost, delta):
    # The likelihood's own maximum over the rate of losses, found by its derivative: no closed form of ours.
    # With q21 = q, q12 = q + delta: gained / (q + delta) + lost / q = 2 (n - gained - lost) / (1 - 2 q - delta)
    lo, hi = max(0.0, -delta), (1 - delta) / 2

    def slope(q):
        total = -2 * (n - gained - lost) / (1 - 2 * q - delta)
        if gained:
            total += gained / (q + delta)
        if lost:
            total += lost / q
        return total

    edge = 1e-15
    if slope(lo + edge) <= 0:
        q = lo
    elif slope(hi - edge) >= 0:
        q = hi
    else:
        q = brentq(slope, lo + edge, hi - edge, xtol=1e-17, rtol=1e-14, maxiter=500)
    variance = n * (2 * q + delta - delta * delta)
    off = gained - lost - n * delta
    return off / variance**0.5 if variance > 0 else (off > 0) * 1e9 - (off < 0) * 1e9


def tango(n, gained, lost):
    z, d = norm.ppf(0.975), (gained - lost) / n
    lower, upper = -1.0, 1.0
    if d > -1:
        lower = brentq(lambda x: score(n, gained, lost, x) - z, -1 + 1e-12, d - 1e-12, xtol=1e-14)
    if d < 1:
        upper = brentq(lambda x: score(n, gained, lost, x) + z, d + 1e-12, 1 - 1e-12, xtol=1e-14)
    return lower, upper


worst, count = 0.0, 0
for line in open(sys.argv[1]):
    n, gained, lost, difference, low, high, p = map(float, line.split())
    lower, upper = tango(n, gained, lost)
    either = int(gained + lost)
    exact = binomtest(int(gained), either).pvalue if either else 1.0
    for name, got, want in (("difference", difference, (gained - lost) / n), ("lower", low, lower),
                            ("upper", high, upper), ("p", p, exact)):
        worst = max(worst, abs(got - want))
        if abs(got - want) > 1e-9:
            print(f"{line.strip()}: {name} is {got}, scipy has {want}")
    count += 1
print(f"{count} pairs, largest difference {worst:.3g}")
sys.exit(not (count >= 9 and worst < 1e-9))
