/* share.c: what detectors, and rules of one's own, share in what they say. */
#include <stdio.h>

#include "detector.h"

size_t fw_evidence_pick(size_t n, uint64_t salt, size_t pick[FW_EVIDENCE_MAX]) {
    enum { EDGE = 3 };
    size_t used = 0;
    if (n <= FW_EVIDENCE_MAX) {
        for (size_t i = 0; i < n; i++)
            pick[used++] = i;
        return used;
    }
    for (size_t i = 0; i < EDGE; i++)
        pick[used++] = i;
    /* one from each quarter of what lies between, so that the indices ascend */
    const size_t middle = n - 2 * EDGE;
    const size_t parts = FW_EVIDENCE_MAX - 2 * EDGE;
    for (size_t q = 0; q < parts; q++) {
        const size_t first = EDGE + middle * q / parts;
        const size_t next = EDGE + middle * (q + 1) / parts;
        const uint64_t word[2] = {salt, q};
        pick[used++] = first + (next > first ? fw_hash(&fw_seed_fixed, word, sizeof word) % (next - first) : 0);
    }
    for (size_t i = n - EDGE; i < n; i++)
        pick[used++] = i;
    return used;
}

size_t fw_span_format(fw_time span, char *buf, size_t size) {
    const long long s = span < 0 ? 0 : (long long)(span / FW_SECOND);
    int n;
    if (s < 120)
        n = snprintf(buf, size, "%lld s", s);
    else if (s < 7200)
        n = snprintf(buf, size, "%lld min", s / 60);
    else
        n = snprintf(buf, size, "%lld h", s / 3600);
    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}
