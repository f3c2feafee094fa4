/* pass@k and pass^k of one case from n repeats of which c passed: the chance that at least one,
 * or every one, of k repeats drawn without return passes.  Unbiased for k <= n (Chen et al. 2021,
 * arXiv 2107.03374; Yao et al. 2024, arXiv 2406.12045).  Computed by products: no factorial
 * overflows.  NaN where k < 1, k > n or c is not in 0..n. */
#ifndef STAT_PASSK_H
#define STAT_PASSK_H

#include <stdint.h>

double passk_any(int64_t n, int64_t c, int64_t k);
double passk_all(int64_t n, int64_t c, int64_t k);

#endif
