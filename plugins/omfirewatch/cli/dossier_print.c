/* dossier_print.c: what is known of an address, to read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../policy/about.h"
#include "../policy/value.h"
#include "dossier.h"

#define LABEL     "  %-16s "
#define LINE_TEXT 512

#define APPEND(line, ...) fw_cli_append(line, LINE_TEXT, __VA_ARGS__)

/* --- what the policy says ------------------------------------------------ */

struct sayings {
    FILE *out;
    bool home;
};

/* Terms are lines indented by four, as `firewatch check` prints them. */
static void print_saying(void *cookie, const struct fw_policy_saying *saying) {
    struct sayings *sayings = cookie;

    sayings->home |= strcmp(saying->role, "home") == 0;
    fw_cli_say(sayings->out, LABEL "%s%s%s%s%s%s%s%s", saying->role, saying->as[0] ? "as " : "", saying->as,
               saying->as[0] ? ", " : "", saying->network, saying->name[0] ? " of " : "", saying->name,
               saying->reason[0] ? ": " : "", saying->reason);
    for (const char *line = saying->terms, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        fw_cli_say(sayings->out, "%15s%.*s", "", (int)(end - line), line);
}

static int print_policy(const struct fw_dossier *dossier, const struct fw_policy *policy, FILE *out) {
    struct sayings sayings = {.out = out};

    fw_cli_say(out, "%s", dossier->text);
    if (fw_policy_about(policy, &dossier->addr, print_saying, &sayings) != 0)
        return -1;
    if (!sayings.home)
        fw_cli_say(out, LABEL "in none of the home networks", "not home");
    return 0;
}

/* --- events -------------------------------------------------------------- */

static void print_kinds(const struct fw_dossier_end *end, FILE *out) {
    static const char *const actions[FW_DOSSIER_ACTIONS] = {"allowed", "denied", "without an action"};

    for (int kind = FW_KIND_NONE + 1; kind < FW_KINDS; kind++) {
        char line[LINE_TEXT] = "";

        for (int action = 0; action < FW_DOSSIER_ACTIONS; action++)
            if (end->kinds[kind][action] > 0)
                APPEND(line, "%s%" PRIu64 " %s", line[0] ? ", " : "", end->kinds[kind][action], actions[action]);
        if (line[0] != '\0')
            fw_cli_say(out, LABEL "%s", fw_kind_name((enum fw_kind)kind), line);
    }
}

static void key_text(const struct fw_top_key *key, bool peers, char text[FW_ADDR_TEXT_MAX]) {
    if (peers)
        (void)fw_addr_format(&key->addr, text);
    else if (key->proto >= 0)
        (void)fw_service_format(key->proto, key->port, text, FW_ADDR_TEXT_MAX);
    else
        (void)snprintf(text, FW_ADDR_TEXT_MAX, "port %" PRId32, key->port);
}

/* Where there were more than could be counted, only those are shown whose count is more than half certain. */
static void print_top(const char *label, struct fw_top *top, bool peers, FILE *out) {
    char line[LINE_TEXT] = "", text[FW_ADDR_TEXT_MAX];
    size_t shown = 0;

    if (top->used == 0)
        return;
    fw_top_sort(top);
    for (size_t i = 0; i < top->used && shown < FW_DOSSIER_SHOWN; i++) {
        const struct fw_top_slot *slot = &top->slot[i];

        const uint64_t certain = slot->count - slot->over;

        if (top->full && (certain <= slot->over || certain < 2))
            continue;
        key_text(&slot->key, peers, text);
        APPEND(line, "%s%s (%s%" PRIu64 ")", shown++ > 0 ? ", " : "", text, slot->over > 0 ? "at most " : "",
               slot->count);
    }
    if (top->full)
        APPEND(line, "%smore than %d%s", shown > 0 ? ", and " : "", FW_TOP_SLOTS,
               shown > 0 ? " others" : ", none of them often");
    else if (top->used > shown)
        APPEND(line, ", and %zu others", top->used - shown);
    fw_cli_say(out, LABEL "%s", label, line);
}

static void print_end(const char *what, struct fw_dossier_end *end, FILE *out) {
    char first[FW_TIME_TEXT], last[FW_TIME_TEXT];

    if (end->events == 0) {
        fw_cli_say(out, "As %s: no events", what);
        return;
    }
    fw_cli_say(out, "As %s: %" PRIu64 " event%s, %s to %s", what, end->events, end->events == 1 ? "" : "s",
               fw_cli_time(end->first, first), fw_cli_time(end->last, last));
    print_kinds(end, out);
    print_top("services", &end->services, false, out);
    print_top("peers", &end->peers, true, out);
}

/* --- what became of them ------------------------------------------------- */

struct held {
    uint64_t count;
    const struct fw_entry *entry;
    enum fw_dossier_side side;
};

static int more_held(const void *a, const void *b) {
    const struct held *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    if (x->entry->number != y->entry->number)
        return x->entry->number < y->entry->number ? -1 : 1;
    return (x->side > y->side) - (x->side < y->side);
}

static void print_held(const char *detector, const struct held *held, const struct fw_policy *policy, FILE *out) {
    const bool from = held->side == FW_DOSSIER_SOURCE, role = held->entry->role != 0;
    const char *whose = !role ? "" : from ? " that it has" : " of the other end";

    fw_cli_say(out, LABEL "%" PRIu64 " %s it, by the %s%s%s: %s", detector, held->count, from ? "from" : "to",
               role ? "role " : "", fw_policy_entry_role(policy, held->entry), whose,
               fw_policy_entry_reason(policy, held->entry));
}

static void print_held_of(const struct fw_dossier *dossier, const struct fw_policy *policy, size_t detector,
                          FILE *out) {
    const struct fw_site *site = fw_policy_settings(policy)->site;
    const char *name = fw_engine_detector(dossier->engine, detector)->ops->name;
    struct held held[FW_ENTRIES_MAX * FW_DOSSIER_SIDES];
    size_t n = 0;

    for (size_t i = 0; i < site->entries_count; i++)
        for (enum fw_dossier_side side = 0; side < FW_DOSSIER_SIDES; side++)
            if (dossier->held[detector][i][side] > 0)
                held[n++] = (struct held){dossier->held[detector][i][side], site->entries[i], side};
    if (n > 1)
        qsort(held, n, sizeof *held, more_held);
    for (size_t i = 0; i < n && i < FW_DOSSIER_SHOWN; i++)
        print_held(name, &held[i], policy, out);
    for (enum fw_dossier_side side = 0; side < FW_DOSSIER_SIDES; side++)
        if (dossier->learned[detector][side] > 0)
            fw_cli_say(out, LABEL "%" PRIu64 " %s, by a role that was learned: see Applications", name,
                       dossier->learned[detector][side],
                       side == FW_DOSSIER_SOURCE ? "from it" : "to it, the other end's");
    if (n > FW_DOSSIER_SHOWN)
        fw_cli_say(out, LABEL "fewer by %zu others", name, n - FW_DOSSIER_SHOWN);
}

static void print_left_out(const struct fw_dossier *dossier, const struct fw_policy *policy, FILE *out) {
    fw_cli_say(out, "Left out");
    for (size_t i = 0; fw_detectors[i] != NULL; i++) /* rules have exceptions of their own */
        print_held_of(dossier, policy, i, out);
    fw_cli_say(out, LABEL "%" PRIu64, "for no detector", dossier->unseen);
    fw_cli_say(out, LABEL "%" PRIu64 " (%" PRIu64 " ends or repetitions of a session, %" PRIu64 " answers)",
               "added nothing", dossier->uncounted, dossier->joined, dossier->replies);
    if (dossier->late > 0)
        fw_cli_say(out, LABEL "%" PRIu64, "late", dossier->late);
}

/* --- what it uses ---------------------------------------------------------- */

static void print_applications(const struct fw_dossier *dossier, FILE *out) {
    static char apps[FW_USER_APPS_MAX][FW_APP_MAX];
    static struct fw_user users[FW_USER_APPS_MAX];
    char first[FW_TIME_TEXT], last[FW_TIME_TEXT], until[FW_TIME_TEXT];
    struct fw_engine_parts parts;

    fw_engine_parts(dossier->engine, &parts);
    const size_t count = fw_usage_of(parts.usage, &dossier->addr, apps, users);
    if (count == 0)
        return;
    fw_cli_say(out, "Applications");
    for (size_t i = 0; i < count; i++) {
        const struct fw_user *user = &users[i];
        char line[LINE_TEXT] = "";

        APPEND(line, "%s to %s, %" PRIu64 " use%s, %" PRIu64 " destination%s", fw_cli_time(user->first, first),
               fw_cli_time(user->last, last), user->events, user->events == 1 ? "" : "s", user->destinations,
               user->destinations == 1 ? "" : "s");
        if (user->state != FW_APP_UNKNOWN)
            APPEND(line, "; %s", fw_app_state_name(user->state));
        if (user->until != FW_TIME_MAX)
            APPEND(line, " %s %s", user->state == FW_APP_OVERDUE ? "since" : "until", fw_cli_time(user->until, until));
        if (user->role != 0)
            APPEND(line, "; %s the role %s", user->state == FW_APP_OVERDUE ? "it no longer lends" : "it lends",
                   (user->role & FW_ROLE_BIT(skype_user)) != 0 ? "skype_user" : "p2p_user");
        fw_cli_say(out, LABEL "%s", apps[i], line);
    }
    (void)fputc('\n', out);
}

/* --- how near ------------------------------------------------------------ */

static int nearer(const void *a, const void *b) {
    const struct fw_dossier_reading *x = a, *y = b;
    const double share_x = (double)x->reading.value / (double)(x->reading.threshold + !x->reading.threshold);
    const double share_y = (double)y->reading.value / (double)(y->reading.threshold + !y->reading.threshold);

    if (share_x != share_y)
        return share_x < share_y ? 1 : -1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->reading.subject.dport < y->reading.subject.dport ? -1
                                                               : x->reading.subject.dport > y->reading.subject.dport;
}

static void subject_text(const struct fw_dossier *dossier, const struct fw_subject *subject, char line[LINE_TEXT]) {
    char text[FW_ADDR_TEXT_MAX];

    line[0] = '\0';
    if (subject->has_src && !fw_addr_equal(&subject->src, &dossier->addr) && fw_addr_format(&subject->src, text) > 0)
        APPEND(line, "from %s, ", text);
    if (subject->has_dst && !fw_addr_equal(&subject->dst, &dossier->addr) && fw_addr_format(&subject->dst, text) > 0)
        APPEND(line, "to %s, ", text);
    if (subject->proto >= 0 && (subject->dport >= 0 || subject->proto != FW_PROTO_TCP)) {
        (void)fw_service_format(subject->proto, subject->dport, text, sizeof text);
        APPEND(line, "%s, ", text);
    } else if (subject->dport >= 0) {
        APPEND(line, "port %d, ", subject->dport);
    }
    if (line[0] != '\0')
        line[strlen(line) - 2] = ':';
}

static void print_reading(const struct fw_dossier *dossier, const struct fw_dossier_reading *one, FILE *out) {
    const struct fw_detector *detector = one->detector;
    const struct fw_reading *reading = &one->reading;
    const uint64_t bar = reading->threshold > 0 ? reading->threshold : 1;
    char subject[LINE_TEXT], window[FW_VALUE_TEXT + 8] = "", value[FW_VALUE_TEXT], time[FW_TIME_TEXT];

    subject_text(dossier, &reading->subject, subject);
    if (strcmp(detector->ops->params[0].name, "window") == 0 &&
        fw_value_format(FW_UNIT_SECONDS, detector->values[0], value) > 0)
        (void)snprintf(window, sizeof window, " in %s", value);
    fw_cli_say(out, LABEL "%s%" PRIu64 " of %" PRIu64 " %s%s (%.0f %%), at %s%s", detector->ops->name, subject,
               reading->value, reading->threshold, reading->measure, window, (double)reading->value * 100 / (double)bar,
               fw_cli_time(one->time, time), one->found ? "; a finding" : "");
}

static void print_readings(struct fw_dossier *dossier, FILE *out) {
    const struct fw_detector *detector;

    fw_cli_say(out, "How near to a finding");
    qsort(dossier->readings, dossier->readings_count, sizeof *dossier->readings, nearer);
    for (size_t i = 0; (detector = fw_engine_detector(dossier->engine, i)) != NULL; i++) {
        size_t shown = 0, all = 0;

        for (size_t k = 0; k < dossier->readings_count; k++) {
            if (dossier->readings[k].detector != detector)
                continue;
            if (all++ < FW_DOSSIER_SHOWN && ++shown > 0)
                print_reading(dossier, &dossier->readings[k], out);
        }
        if (!detector->enabled)
            fw_cli_say(out, LABEL "off in this policy", detector->ops->name);
        else if (all == 0)
            fw_cli_say(out, LABEL "counted nothing of it", detector->ops->name);
        else if (all > shown)
            fw_cli_say(out, LABEL "and %zu others, further away", detector->ops->name, all - shown);
    }
    if (dossier->readings_lost > 0)
        fw_cli_say(out, LABEL "of others, the furthest away, are forgotten", "readings");
}

static void print_findings(const struct fw_dossier *dossier, FILE *out) {
    char time[FW_TIME_TEXT];

    fw_cli_say(out, "%s", dossier->ids.count > 0 ? "Findings" : "No findings");
    for (size_t i = 0; i < dossier->ids.count; i++) {
        const struct fw_told *told = &dossier->told[i];

        fw_cli_say(out, "  %s  %s  %-6s  %s: %s", fw_cli_time(told->opened, time), told->id, told->state, told->rule,
                   told->sentence);
    }
    if (dossier->told_full)
        fw_cli_say(out, "  ... and more than could be kept");
}

int fw_dossier_print(struct fw_dossier *dossier, const struct fw_policy *policy, FILE *out) {
    if (print_policy(dossier, policy, out) != 0)
        return -1;
    (void)fputc('\n', out);
    print_end("source", &dossier->source, out);
    (void)fputc('\n', out);
    print_end("destination", &dossier->destination, out);
    if (dossier->source.events + dossier->destination.events > 0) {
        (void)fputc('\n', out);
        print_left_out(dossier, policy, out);
        (void)fputc('\n', out);
        print_readings(dossier, out);
    }
    (void)fputc('\n', out);
    print_applications(dossier, out);
    print_findings(dossier, out);
    return 0;
}
