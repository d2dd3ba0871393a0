/* rate.c: see rate.h. */
#include "rate.h"

#include <string.h>

static void roll(struct fw_rate *rate, fw_time time, fw_time span) {
    const fw_time into = time - rate->began;
    if (rate->count[0] == 0 && rate->count[1] == 0) {
        rate->began = time;
    } else if (into >= 2 * span) {
        memset(rate, 0, sizeof *rate);
        rate->began = time;
    } else if (into >= span) {
        rate->count[1] = rate->count[0];
        rate->first[1] = rate->first[0];
        rate->count[0] = 0;
        rate->began += span;
    }
}

void fw_rate_add(struct fw_rate *rate, fw_time time, fw_time span, uint64_t n) {
    roll(rate, time, span);
    const unsigned half = time < rate->began;
    if (half == 1 && rate->began - time > span)
        return;
    if (rate->count[half] == 0 || time < rate->first[half])
        rate->first[half] = time;
    rate->count[half] = n > UINT64_MAX - rate->count[half] ? UINT64_MAX : rate->count[half] + n;
}

uint64_t fw_rate_now(const struct fw_rate *rate, fw_time time, fw_time span) {
    const fw_time into = time - rate->began;
    if (into >= 2 * span)
        return 0;
    if (into >= span) /* what was the present half is the one before, by now */
        return (uint64_t)((double)rate->count[0] * (double)(2 * span - into) / (double)span);
    const double left = into < 0 ? 0 : (double)(span - into) / (double)span;
    return rate->count[0] + (uint64_t)((double)rate->count[1] * left);
}

uint64_t fw_rate_held(const struct fw_rate *rate, fw_time *since) {
    *since = rate->count[1] > 0 ? rate->first[1] : rate->first[0];
    return rate->count[0] + rate->count[1];
}
