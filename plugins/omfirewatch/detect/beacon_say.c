/* beacon_say.c: what was found, in words: see beacon.h. */
#include <stdio.h>

#include "beacon.h"

enum { TOLD_SECONDS = 10 }; /* below, tenths are told */

/* "60 s", "2.2 s", "15 min", "2 h" */
static const char *time_words(uint32_t ms, uint32_t scale, char *buf, size_t size) {
    if (scale < TOLD_SECONDS * 1000)
        (void)snprintf(buf, size, "%u.%u s", (ms + 50) / 1000, (ms + 50) % 1000 / 100);
    else if (scale < 2 * 3600 * 1000)
        (void)snprintf(buf, size, "%u s", (ms + 500) / 1000);
    else
        (void)snprintf(buf, size, "%u min", (ms + 30000) / 60000);
    return buf;
}

static const char *outcome_of(const struct fw_beacon *entry, char *buf, size_t size) {
    if (entry->matter.denied == entry->matter.events)
        return " (blocked)";
    if (entry->matter.denied == 0)
        return entry->ends > 0 && entry->answered == 0 ? " (never answered)" : "";
    (void)snprintf(buf, size, " (%llu blocked)", (unsigned long long)entry->matter.denied);
    return buf;
}

static void say(const struct fw_beacon *entry, const struct fw_beacon_key *key, const char *to,
                struct fw_description *out) {
    char src[FW_ADDR_TEXT_MAX], service[24] = "", period[24], spread[24], span[24], times[32] = "", blocked[32];
    (void)fw_addr_format(&key->src, src);
    if (key->has_dport || key->proto == FW_PROTO_ICMP || key->proto == FW_PROTO_ICMP6)
        (void)fw_service_format(key->proto, key->dport, service, sizeof service);
    else
        (void)snprintf(service, sizeof service, "ip/%u", key->proto);
    if (entry->lag > 1)
        (void)snprintf(times, sizeof times, ", %u calls each time", entry->lag);
    (void)fw_span_format(entry->matter.last - entry->matter.start, span, sizeof span);
    (void)snprintf(out->sentence, sizeof out->sentence, "%s calls %s on %s every %s (+-%s)%s, %llu times in %s%s", src,
                   to, service, time_words(entry->period, entry->period, period, sizeof period),
                   time_words(entry->spread, entry->spread, spread, sizeof spread), times,
                   (unsigned long long)entry->matter.events, span, outcome_of(entry, blocked, sizeof blocked));
    (void)snprintf(out->key, sizeof out->key, "%s|%s|%s", src, to, service);
}

static void give_evidence(const struct fw_beacon *entry, const struct fw_beacon_key *key, struct fw_description *out) {
    fw_time times[FW_RHYTHM_BEATS + 1];
    size_t pick[FW_EVIDENCE_MAX];
    const size_t n = fw_evidence_pick(fw_rhythm_times(&entry->is.rhythm, times), (uint64_t)entry->matter.start, pick);
    const int action = entry->matter.denied == 0                      ? FW_ACTION_ALLOW
                       : entry->matter.denied == entry->matter.events ? FW_ACTION_DENY
                                                                      : 0;
    for (size_t i = 0; i < n; i++) {
        struct fw_evidence *one = &out->evidence[out->evidence_count++];
        *one = (struct fw_evidence){.time = times[pick[i]],
                                    .has_dst = !key->by_host,
                                    .dport = key->has_dport ? key->dport : -1,
                                    .action = action};
        if (!key->by_host)
            one->dst = key->to.addr;
    }
}

void fw_beacon_describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct fw_beacon *entry = value;
    const struct fw_beacon_key *key = fw_table_key(det->keyed.table, value);
    char to[FW_ADDR_TEXT_MAX];
    size_t missing = 0;
    if (key->by_host) {
        (void)fw_beacon_name(key, to);
        (void)snprintf(out->domain, sizeof out->domain, "%s", to);
    } else {
        (void)fw_addr_format(&key->to.addr, to);
    }
    say(entry, key, to, out);
    out->measure = "score";
    out->value = entry->score;
    out->window = fw_keyed_window(det);
    out->confidence = 80;
    if (!entry->sized) {
        out->degraded[missing++] = "bytes";
        out->confidence -= 10;
    }
    if (entry->prevalence == PREVALENCE_UNKNOWN) {
        out->degraded[missing++] = "prevalence";
        out->confidence -= 10;
    }
    if (entry->clockwork)
        out->confidence -= 5;
    out->next_step =
        entry->matter.denied == entry->matter.events
            ? "Nothing got through, but something on the machine keeps trying: find the program that does. If it is "
              "meant to be there, give it an exception for this destination."
            : "Find the program that calls there, and whose address that is. Software that looks for news is given an "
              "exception for this destination; otherwise take the machine off the network and look for a bot.";
    give_evidence(entry, key, out);
}
