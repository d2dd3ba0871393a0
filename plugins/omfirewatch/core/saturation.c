/* saturation.c: see saturation.h.
 * Steps: 0. totals that went back (of a part whose state was not loaded) are the
 * new beginning; 1. time that went back starts the minute anew; 2. nothing is
 * judged before a minute is over; 3. at the rate it begins or lasts; 4. below it for
 * long enough it ends; 5. what was not said for an hour is said.
 */
#include "saturation.h"

#include <stdio.h>

#include "notice.h"

static uint64_t sum(const struct fw_loss *loss) {
    return loss->overrun + loss->evicted + loss->forgotten;
}

static void start_minute(struct fw_saturation *s, fw_time now, const struct fw_loss *total) {
    s->running = true;
    s->minute = now;
    s->at_minute = *total;
}

static bool is_less(const struct fw_loss *a, const struct fw_loss *b) {
    return a->overrun < b->overrun || a->evicted < b->evicted || a->forgotten < b->forgotten;
}

static enum fw_saturation_news judge(struct fw_saturation *s, fw_time now, bool much) {
    if (much) { /* 3 */
        const bool began = !s->on;

        if (began) {
            s->on = true;
            s->told = false;
            s->since = s->minute;
            s->at_since = s->at_minute;
        }
        s->lost_last = now;
        if (s->ever_told && now >= s->told_at && now - s->told_at < FW_SATURATION_EVERY) /* 5 */
            return FW_SATURATION_NOTHING;
        const bool first = !s->told;
        s->told = s->ever_told = true;
        s->told_at = now;
        return first ? FW_SATURATION_BEGAN : FW_SATURATION_LASTS;
    }
    if (!s->on || now - s->lost_last < FW_SATURATION_CALM)
        return FW_SATURATION_NOTHING;
    s->on = false; /* 4 */
    return s->told ? FW_SATURATION_ENDED : FW_SATURATION_NOTHING;
}

enum fw_saturation_news fw_saturation_look(struct fw_saturation *s, fw_time now, const struct fw_loss *total,
                                           struct fw_loss *lost) {
    if (is_less(total, &s->at_since)) /* 0 */
        s->at_since = *total;
    if (is_less(total, &s->at_minute))
        s->at_minute = *total;
    if (!s->running || now < s->minute) { /* 1 */
        if (s->on && now < s->lost_last)
            s->lost_last = now;
        if (s->on && now < s->since)
            s->since = now;
        start_minute(s, now, total);
        return FW_SATURATION_NOTHING;
    }
    if (now - s->minute < FW_MINUTE) /* 2 */
        return FW_SATURATION_NOTHING;
    const uint64_t minutes = (uint64_t)(now - s->minute) / (uint64_t)FW_MINUTE;
    const bool much = (sum(total) - sum(&s->at_minute)) / minutes >= FW_SATURATION_RATE;
    const enum fw_saturation_news news = judge(s, now, much);
    *lost = (struct fw_loss){.overrun = total->overrun - s->at_since.overrun,
                             .evicted = total->evicted - s->at_since.evicted,
                             .forgotten = total->forgotten - s->at_since.forgotten};
    start_minute(s, now, total);
    return news;
}

enum { SEVERITY_WARNING = 4, SEVERITY_NOTICE = 5 };

void fw_saturation_save(const struct fw_saturation *s, struct fw_put *put) {
    const bool flags[] = {s->running, s->on, s->told, s->ever_told};
    const fw_time times[] = {s->minute, s->since, s->lost_last, s->told_at};
    const struct fw_loss *losses[] = {&s->at_minute, &s->at_since};

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        fw_put_u8(put, flags[i]);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        fw_put_u64(put, (uint64_t)times[i]);
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        fw_put_u64(put, losses[i]->overrun);
        fw_put_u64(put, losses[i]->evicted);
        fw_put_u64(put, losses[i]->forgotten);
    }
}

int fw_saturation_load(struct fw_saturation *s, struct fw_get *get) {
    struct fw_saturation loaded = {.running = fw_get_u8(get) != 0};
    struct fw_loss *losses[] = {&loaded.at_minute, &loaded.at_since};

    loaded.on = fw_get_u8(get) != 0;
    loaded.told = fw_get_u8(get) != 0;
    loaded.ever_told = fw_get_u8(get) != 0;
    loaded.minute = fw_get_time(get);
    loaded.since = fw_get_time(get);
    loaded.lost_last = fw_get_time(get);
    loaded.told_at = fw_get_time(get);
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        losses[i]->overrun = fw_get_u64(get);
        losses[i]->evicted = fw_get_u64(get);
        losses[i]->forgotten = fw_get_u64(get);
    }
    if (get->failed)
        return -1;
    *s = loaded;
    return 0;
}

void fw_saturation_tell(struct fw_findings *findings, enum fw_saturation_news news, const char *part, fw_time since,
                        fw_time now, const struct fw_loss *lost, size_t max_memory) {
    const bool over = news == FW_SATURATION_ENDED;
    struct fw_notice notice = {.kind = FW_DOCUMENT_HEALTH,
                               .action = over ? "saturation-end" : "saturation",
                               .severity = over ? SEVERITY_NOTICE : SEVERITY_WARNING,
                               .time = now};

    if (news == FW_SATURATION_NOTHING)
        return;
    (void)snprintf(
        notice.text, sizeof notice.text,
        over ? "%s has room again; in %lld min it lost %llu first sightings, %llu keys and %llu elements"
             : "%s is short of memory: in %lld min it lost %llu first sightings, %llu keys and %llu elements, "
               "and may miss what is slow; find out what floods, or raise max_memory (%zu MiB)",
        part, (long long)((now - since) / FW_MINUTE), (unsigned long long)lost->overrun,
        (unsigned long long)lost->evicted, (unsigned long long)lost->forgotten, max_memory >> 20);
    fw_notice_add(&notice, "since_ms", (uint64_t)since);
    fw_notice_add(&notice, "first_sightings_lost", lost->overrun);
    fw_notice_add(&notice, "keys_lost", lost->evicted);
    fw_notice_add(&notice, "elements_lost", lost->forgotten);
    fw_notice_add(&notice, "max_memory", max_memory);
    fw_findings_notice(findings, &notice);
}
