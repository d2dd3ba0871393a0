/* rhythm.c: see rhythm.h. */
#include "rhythm.h"

#include <math.h>
#include <string.h>

#define BAR_LEAST      ((fw_time)28125) /* ms; an hour is 128 times that */
#define WIDTH_MAX      7
#define BAR_BEATS      3    /* to be expected in a bar that is judged */
#define BARS_LEAST     3    /* for a standard deviation */
#define BIMODAL_BARS   11   /* RITA: just below half a day */
#define BIMODAL_GROUP  0.05 /* RITA: heights that differ by less than 5 % of the highest are one */
#define SKEW_LEAST     10.0 /* RITA: seconds, or bytes, between the quartiles */
#define NEAR           0.6
#define NEAR_MULTIPLE  0.1
#define START          0.1
#define SAME           0.02                 /* sizes of one and the same request, with a counter or a stamp in it */
#define MULTIPLE_LEAST 10.0                 /* s: of a shorter period every whole second is one */
#define NEAR_SUM       0.1                  /* of three intervals and more, which come near each other by themselves */
#define SPAN_LEAST     (600.0 * 1000)       /* longer than people stay on a page (Liu, White, Dumais 2010) */
#define SPAN_FULL      (12.0 * 3600 * 1000) /* RITA: half a day */
#define MANTISSA_BITS  11

/* ---- keeping ---- */

static void widen(struct fw_rhythm *rhythm) {
    for (size_t i = 0; i < FW_RHYTHM_BARS; i++) {
        const unsigned first = 2 * i < FW_RHYTHM_BARS ? rhythm->bar[2 * i] : 0;
        const unsigned second = 2 * i + 1 < FW_RHYTHM_BARS ? rhythm->bar[2 * i + 1] : 0;
        rhythm->bar[i] = (uint16_t)(first + second < UINT16_MAX ? first + second : UINT16_MAX);
    }
    rhythm->width++;
}

static fw_time width_of(const struct fw_rhythm *rhythm) {
    return BAR_LEAST << (rhythm->width < WIDTH_MAX ? rhythm->width : WIDTH_MAX);
}

/* The bar of that time, after what it takes to have one. */
static size_t bar_at(struct fw_rhythm *rhythm, fw_time time) {
    if (time < rhythm->begun) /* a clock was set */
        return 0;
    while ((time - rhythm->begun) / width_of(rhythm) >= FW_RHYTHM_BARS && rhythm->width < WIDTH_MAX)
        widen(rhythm);
    const fw_time index = (time - rhythm->begun) / width_of(rhythm);
    if (index < FW_RHYTHM_BARS)
        return (size_t)index;
    const fw_time gone = index - (FW_RHYTHM_BARS - 1);
    rhythm->begun += gone * width_of(rhythm);
    for (size_t i = 0; i < FW_RHYTHM_BARS; i++)
        rhythm->bar[i] = gone < FW_RHYTHM_BARS && i + (size_t)gone < FW_RHYTHM_BARS ? rhythm->bar[i + (size_t)gone] : 0;
    return FW_RHYTHM_BARS - 1;
}

static bool is_like(uint32_t a, uint32_t b) {
    const uint32_t less = a < b ? a : b;
    return (a < b ? b : a) - less <= less; /* not more than twice */
}

bool fw_rhythm_beat(struct fw_rhythm *rhythm, fw_time time) {
    if (rhythm->beats == 0)
        rhythm->begun = time;
    else if (time < rhythm->last + FW_RHYTHM_MERGE)
        return false;
    else {
        const fw_time gap = time - rhythm->last;
        const uint32_t interval = gap < UINT32_MAX ? (uint32_t)gap : UINT32_MAX;
        const uint32_t before = rhythm->interval[(rhythm->beats + FW_RHYTHM_BEATS - 2) % FW_RHYTHM_BEATS];
        rhythm->interval[(rhythm->beats - 1) % FW_RHYTHM_BEATS] = interval;
        if (rhythm->beats > 1 && is_like(interval, before))
            rhythm->steady = (uint8_t)(rhythm->steady + (UINT8_MAX - rhythm->steady) / 8);
        else
            rhythm->steady = (uint8_t)(rhythm->steady - rhythm->steady / 8);
    }
    rhythm->last = time;
    if (rhythm->beats < UINT32_MAX)
        rhythm->beats++;
    uint16_t *bar = &rhythm->bar[bar_at(rhythm, time)];
    if (*bar < UINT16_MAX)
        (*bar)++;
    return true;
}

uint16_t fw_rhythm_pack(uint64_t bytes) {
    unsigned exponent = 0;
    if (bytes >> 40 != 0) /* a terabyte is as good as more */
        bytes = UINT64_C(1) << 40;
    while (bytes >> (exponent + MANTISSA_BITS) != 0)
        exponent++;
    return (uint16_t)(exponent << MANTISSA_BITS | (bytes >> exponent));
}

double fw_rhythm_unpack(uint16_t packed) {
    return ldexp(packed & ((1u << MANTISSA_BITS) - 1), packed >> MANTISSA_BITS);
}

void fw_rhythm_size(struct fw_rhythm *rhythm, uint64_t bytes) {
    rhythm->size[rhythm->sizes % FW_RHYTHM_BEATS] = fw_rhythm_pack(bytes);
    if (rhythm->sizes < UINT32_MAX)
        rhythm->sizes++;
}

size_t fw_rhythm_times(const struct fw_rhythm *rhythm, fw_time times[FW_RHYTHM_BEATS + 1]) {
    const size_t intervals = rhythm->beats == 0                    ? 0
                             : rhythm->beats - 1 < FW_RHYTHM_BEATS ? rhythm->beats - 1
                                                                   : FW_RHYTHM_BEATS;
    if (rhythm->beats == 0)
        return 0;
    times[intervals] = rhythm->last;
    for (size_t i = intervals; i > 0; i--)
        times[i - 1] = times[i] - rhythm->interval[(rhythm->beats - 1 - (intervals - i) - 1) % FW_RHYTHM_BEATS];
    return intervals + 1;
}

/* ---- judging ---- */

static void sort(double *values, size_t n) {
    for (size_t i = 1; i < n; i++) {
        const double value = values[i];
        size_t k = i;
        for (; k > 0 && values[k - 1] > value; k--)
            values[k] = values[k - 1];
        values[k] = value;
    }
}

static double median(const double *sorted, size_t n) {
    return n % 2 != 0 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

struct middle {
    double median, deviation; /* the median of the deviations from it */
    double score;
};

/* RITA's score of a list, which is sorted. `unit` is what its 10 of SKEW_LEAST are in; the deviation counts `factor`
 * times. */
static struct middle score(double *values, size_t n, double unit, double factor) {
    double deviations[FW_RHYTHM_BEATS] = {0};
    struct middle middle;
    sort(values, n);
    middle.median = median(values, n);
    const double first = median(values, n / 2), third = median(values + n - n / 2, n / 2);
    double skew = 0;
    if (third - first >= SKEW_LEAST * unit && middle.median > first && middle.median < third)
        skew = fabs((third + first - 2 * middle.median) / (third - first));
    for (size_t i = 0; i < n; i++)
        deviations[i] = fabs(values[i] - middle.median);
    sort(deviations, n);
    middle.deviation = median(deviations, n);
    double spread = middle.median > 0 ? factor * middle.deviation / middle.median : 0;
    spread = spread > 1 ? 1 : spread;
    middle.score = (1 - skew + 1 - spread) / 2;
    return middle;
}

static double share_near(const double *values, size_t n, double middle, double near) {
    size_t conforming = 0;
    for (size_t i = 0; i < n; i++)
        conforming += fabs(values[i] - middle) <= near * middle;
    return (double)conforming / (double)n;
}

/* Of stamps that are whole seconds the median is a whole number too, and a multiple of it goes wrong: the mean of what is
 * next to it. */
static double refine(const double *values, size_t n, double middle) {
    const double near = fmax(NEAR_MULTIPLE * middle, FW_SECOND);
    double sum = 0, count = 0;
    for (size_t i = 0; i < n; i++)
        if (fabs(values[i] - middle) <= near) {
            sum += values[i];
            count++;
        }
    return count > 0 ? sum / count : middle;
}

/* Beats that were missed make a multiple. */
static double share_conforming(const double *values, size_t n, double middle) {
    const double period = refine(values, n, middle);
    size_t conforming = 0;
    for (size_t i = 0; i < n; i++) {
        const double times = values[i] / period;
        conforming += fabs(values[i] - middle) <= NEAR * middle || (period >= MULTIPLE_LEAST * FW_SECOND && times > 1 &&
                                                                    fabs(times - round(times)) <= NEAR_MULTIPLE);
    }
    return (double)conforming / (double)n;
}

static void judge_timing(const fw_time *times, size_t n, double enough, struct fw_rhythm_verdict *verdict) {
    verdict->conforming = -1;
    for (unsigned lag = 1; lag <= FW_RHYTHM_LAGS && n > (size_t)lag * FW_RHYTHM_LEAST && verdict->conforming < enough;
         lag++) {
        double sums[FW_RHYTHM_BEATS] = {0};
        const size_t count = n - lag;
        for (size_t i = 0; i < count; i++)
            sums[i] = (double)(times[i + lag] - times[i]);
        const struct middle middle = score(sums, count, FW_SECOND, sqrt(lag));
        const double conforming = lag == 1 ? share_conforming(sums, count, middle.median)
                                           : share_near(sums, count, middle.median, lag == 2 ? NEAR / 2 : NEAR_SUM);
        if (conforming <= verdict->conforming)
            continue;
        verdict->conforming = conforming;
        verdict->timing = middle.score;
        verdict->period = (uint32_t)middle.median;
        verdict->spread = (uint32_t)middle.deviation;
        verdict->lag = lag;
    }
}

/* How many intervals at the beginning are a start, see rhythm.h: none of a train that has lost its beginning. */
static size_t start_of(const struct fw_rhythm *rhythm, const fw_time *times, size_t n) {
    double intervals[FW_RHYTHM_BEATS] = {0};
    if (rhythm->beats > n)
        return 0;
    for (size_t i = 0; i + 1 < n; i++)
        intervals[i] = (double)(times[i + 1] - times[i]);
    sort(intervals, n - 1);
    const double most = median(intervals, n - 1) * START;
    size_t start = 0;
    while (start < FW_RHYTHM_START && n - start > 2 + FW_RHYTHM_LEAST &&
           (double)(times[start + 1] - times[start]) < most)
        start++;
    return start;
}

/* But for the sizes of the first `start` connections. */
static void judge_sizes(const struct fw_rhythm *rhythm, size_t start, struct fw_rhythm_verdict *verdict) {
    double sizes[FW_RHYTHM_BEATS] = {0};
    const size_t held = rhythm->sizes < FW_RHYTHM_BEATS ? rhythm->sizes : FW_RHYTHM_BEATS;
    const size_t first = rhythm->sizes > FW_RHYTHM_BEATS ? 0 : start < held ? start : held;
    const size_t n = held - first;
    verdict->sizes = -1;
    verdict->same = 0;
    if (n < FW_RHYTHM_LEAST || rhythm->sizes < rhythm->beats / 2)
        return;
    for (size_t i = 0; i < n; i++)
        sizes[i] = fw_rhythm_unpack(rhythm->size[first + i]);
    const struct middle middle = score(sizes, n, 1, 1);
    verdict->sizes = middle.median > 0 ? middle.score * share_near(sizes, n, middle.median, NEAR) : 0;
    verdict->same = middle.median > 0 ? share_near(sizes, n, middle.median, SAME) : 0;
}

/* RITA's second view: nights and other gaps leave few heights. */
static double bimodal(const double *heights, size_t n, double highest) {
    unsigned of[FW_RHYTHM_BARS] = {0};
    const double group = fmax(1, ceil(highest * BIMODAL_GROUP));
    size_t bars = 0;
    unsigned first = 0, second = 0;
    for (size_t i = 0; i < n; i++) {
        if (heights[i] <= 0)
            continue;
        bars++;
        for (size_t k = 0; k < n; k++)
            of[i] += k <= i && heights[k] > 0 && floor(heights[k] / group) == floor(heights[i] / group);
    }
    if (bars < BIMODAL_BARS)
        return 0;
    for (size_t i = 0; i < n; i++) { /* the last bar of a height has counted them all */
        bool more = false;
        for (size_t k = i + 1; k < n; k++)
            more = more || (heights[k] > 0 && floor(heights[k] / group) == floor(heights[i] / group));
        if (heights[i] <= 0 || more)
            continue;
        if (of[i] > first) {
            second = first;
            first = of[i];
        } else if (of[i] > second) {
            second = of[i];
        }
    }
    return fmin(1, (double)(first + second) / (double)(bars - 1));
}

static void judge_bars(const struct fw_rhythm *rhythm, struct fw_rhythm_verdict *verdict) {
    const size_t whole = (size_t)((rhythm->last - rhythm->begun) / width_of(rhythm)); /* the last bar is not over */
    const size_t bars = whole < FW_RHYTHM_BARS ? whole : FW_RHYTHM_BARS - 1;
    double heights[FW_RHYTHM_BARS], total = 0, square = 0, highest = 0;
    size_t filled = 0;
    for (size_t i = 0; i < bars; i++)
        total += rhythm->bar[i];
    const size_t width = total > 0 ? (size_t)ceil(BAR_BEATS * (double)bars / total) : 0;
    const size_t n = width > 0 ? bars / width : 0;
    verdict->span = rhythm->last - rhythm->begun;
    verdict->histogram = verdict->persistence = 0;
    if (n < BARS_LEAST)
        return;
    total = 0;
    for (size_t i = 0; i < n; i++) { /* from the latest back: what is left over is the oldest */
        heights[i] = 0;
        for (size_t k = 0; k < width; k++)
            heights[i] += rhythm->bar[bars - 1 - i * width - k];
        total += heights[i];
        highest = fmax(highest, heights[i]);
        filled += heights[i] > 0;
    }
    const double mean = total / (double)n;
    for (size_t i = 0; i < n; i++)
        square += (heights[i] - mean) * (heights[i] - mean);
    verdict->histogram = fmax(0, 1 - sqrt(square / (double)n) / mean);
    verdict->histogram = fmax(verdict->histogram, bimodal(heights, n, highest));
    if ((double)verdict->span > SPAN_LEAST)
        verdict->persistence =
            fmin(1, log((double)verdict->span / SPAN_LEAST) / log(SPAN_FULL / SPAN_LEAST)) * (double)filled / (double)n;
}

bool fw_rhythm_judge(const struct fw_rhythm *rhythm, double enough, struct fw_rhythm_verdict *verdict) {
    fw_time times[FW_RHYTHM_BEATS + 1];
    const size_t n = fw_rhythm_times(rhythm, times);
    if (n < 1 + FW_RHYTHM_LEAST)
        return false;
    const size_t start = start_of(rhythm, times, n);
    verdict->beats = rhythm->beats - (uint32_t)start;
    judge_timing(times + start, n - start, enough, verdict);
    judge_sizes(rhythm, start, verdict);
    judge_bars(rhythm, verdict);
    return true;
}
