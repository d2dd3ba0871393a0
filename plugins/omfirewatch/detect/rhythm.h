/* rhythm.h: how regular a train of connections is, in 300 bytes.
 *
 * Made for beacons: what a machine does by its clock. A train is kept as its
 * last FW_RHYTHM_BEATS intervals, as many sizes, and a histogram of at most
 * FW_RHYTHM_BARS bars over all of it; judging it costs some microseconds and
 * changes nothing. Plain data: it is saved as it is.
 *
 * Source: RITA v5 (activecm/rita, analysis/beacons.go), which looks at a day at
 * a time; its four scores, and what is different here:
 *  timing       (1 - |Bowley skewness| + 1 - MAD / median) / 2 of the intervals;
 *               the skewness is 0 where the quartiles are less than 10 s apart.
 *               Here of the last 32, and of sums of 2 to 4 of them as well, so
 *               that a beat of several connections is seen (the deviation of a sum
 *               of k is multiplied by sqrt(k): adding up makes anything regular).
 *  sizes        the same of the bytes sent; 10 bytes instead of 10 s. Times the
 *               share of sizes near the median.
 *  histogram    1 - standard deviation / mean of 24 hours; or, with 11 hours at
 *               least, the share of them in the two most frequent heights. Here
 *               of bars that cover the train, however short it is, of such a
 *               width that 3 beats are to be expected in each.
 *  persistence  the longest run of hours of 12, or the part of the day covered.
 *               Here log(span / 10 min) / log(12 h / 10 min), times the share of
 *               bars that are not empty: RITA gives nothing below 6 hours.
 * And one that RITA lacks, as its two terms of timing forgive any half of the
 * values anything: `conforming`, the share of intervals within 60 % of the median
 * (jitter of 50 %, and the median of 32 such intervals is wrong by 9 %), or
 * within 10 % of it from a multiple (beats that were missed). Poisson arrivals
 * have 50 %, a machine has 90.
 * Of a young train the connections that its program made at once when it started
 * (intervals below a tenth of the median; three at most) are one beat: their
 * intervals are not its rhythm.
 */
#ifndef FW_RHYTHM_H
#define FW_RHYTHM_H

#include "../core/event.h"

#define FW_RHYTHM_BEATS 32 /* the median of so many intervals with 50 % jitter is known to 9 % */
#define FW_RHYTHM_BARS  24
#define FW_RHYTHM_LAGS  4         /* connections that one beat may have */
#define FW_RHYTHM_MERGE FW_SECOND /* connections within it are one; RITA's stamps are whole seconds */
#define FW_RHYTHM_LEAST 8         /* periods below which nothing is said */
#define FW_RHYTHM_START 3         /* intervals that a start may have */

struct fw_rhythm {
    fw_time last;                       /* latest beat */
    fw_time begun;                      /* where the first bar begins */
    uint32_t interval[FW_RHYTHM_BEATS]; /* ms; a ring */
    uint16_t size[FW_RHYTHM_BEATS];     /* see fw_rhythm_size(); a ring */
    uint16_t bar[FW_RHYTHM_BARS];
    uint32_t beats;
    uint32_t sizes;
    uint8_t width;  /* bars are 28.125 s << width long, an hour at most */
    uint8_t steady; /* 0 to 255: how often an interval was like the one before; what an entry is worth */
};

struct fw_rhythm_verdict {
    double timing, histogram, persistence; /* 0 to 1 */
    double sizes;                          /* negative: not known */
    double same;                           /* share of sizes within 2 % of the median; 0: not known */
    double conforming;
    uint32_t period, spread; /* ms: median and median deviation */
    unsigned lag;            /* connections a beat */
    uint32_t beats;          /* of the train, its start counted as one */
    fw_time span;
};

/* A beat at that time, of a train that is all zero before the first. False: it is one with the last beat, or came out of
 * order, and nothing changed. */
bool fw_rhythm_beat(struct fw_rhythm *rhythm, fw_time time);
/* What was sent in one connection. */
void fw_rhythm_size(struct fw_rhythm *rhythm, uint64_t bytes);
/* False: too few beats. `enough` is what conforming has to be for a lag to be taken without trying the next one. */
bool fw_rhythm_judge(const struct fw_rhythm *rhythm, double enough, struct fw_rhythm_verdict *verdict);
/* Times of the latest beats, oldest first: at most FW_RHYTHM_BEATS + 1. Returns how many. */
size_t fw_rhythm_times(const struct fw_rhythm *rhythm, fw_time times[FW_RHYTHM_BEATS + 1]);

/* Sizes in 16 bits: 11 of them for the leading digits, so within 0.05 %. */
uint16_t fw_rhythm_pack(uint64_t bytes);
double fw_rhythm_unpack(uint16_t packed);

#endif
