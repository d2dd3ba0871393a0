/* story_print.c: one finding to read: what, who, since when, how it went, on what
 * evidence, how sure, and what to do.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../detect/detector.h"
#include "story.h"

#define WRAP_AT     76
#define LABEL       "%-12s "
#define LIST_SHOWN  16  /* elements of a list in a hostile document */
#define JOINED_TEXT 400 /* bytes of such a list */

static const char *severity_name(int64_t severity) {
    static const char *const names[] = {"emergency", "alert",  "critical", "error",
                                        "warning",   "notice", "info",     "debug"};

    return severity >= 0 && (size_t)severity < sizeof names / sizeof *names ? names[severity] : "?";
}

/* What a log did not tell, in words. Unknown names stand for themselves. */
static const char *degraded_words(const char *name) {
    static const struct {
        const char *name, *words;
    } table[] = {
        {"bytes", "bytes (the log does not tell how many were sent)"},
        {"duration", "duration (the log does not tell how long sessions lasted)"},
        {"memory", "memory (not all could be kept: what is counted is the least)"},
        {"outcome", "outcome (the log does not tell which connections were answered)"},
        {"prevalence", "prevalence (too few machines are known to tell what many of them use)"},
        {"restart", "restart (what it was made of was not kept)"},
        {"severity", "severity (the device gave none)"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].words;
    return name;
}

static void row(FILE *out, const char *label, const char *text) {
    if (text[0] != '\0')
        fw_cli_say(out, LABEL "%s", label, text);
}

static void wrap(FILE *out, const char *text) {
    while (*text != '\0') {
        size_t len = strlen(text), cut;

        if (len > WRAP_AT) {
            for (cut = WRAP_AT; cut > 0 && text[cut] != ' '; cut--)
                ;
            len = cut > 0 ? cut : WRAP_AT;
        }
        fw_cli_say(out, "  %.*s", (int)len, text);
        text += len;
        text += strspn(text, " ");
    }
}

/* --- parts --------------------------------------------------------------- */

static void print_times(const struct fw_story *story, const struct fw_record *record, FILE *out) {
    const fw_time start = fw_record_time(record, "event.start"), end = fw_record_time(record, "event.end");
    char from[FW_TIME_TEXT], to[FW_TIME_TEXT], span[32];

    if (start == FW_TIME_NONE || end == FW_TIME_NONE)
        return;
    (void)fw_span_format(end - start, span, sizeof span);
    fw_cli_say(out, LABEL "%s, last at %s (%s)", "since", fw_cli_time(start, from), fw_cli_time(end, to), span);
    if (story->told.openings > 1)
        fw_cli_say(out, LABEL "%u times in these files", "opened", story->told.openings);
}

static void print_severity(const struct fw_record *record, FILE *out) {
    const int64_t severity = fw_record_number(record, "event.severity", -1);

    fw_cli_say(out,
               LABEL "%" PRId64 " (%s), score %" PRId64 " of 100: %s, stage %" PRId64 ", confidence %" PRId64 " %%",
               "severity", severity, severity_name(severity), fw_record_number(record, "event.risk_score", 0),
               fw_record_text(record, "firewatch.class"), fw_record_number(record, "firewatch.finding.stage", 0),
               fw_record_number(record, "firewatch.confidence", 0));
}

static void print_measure(const struct fw_record *record, FILE *out) {
    const int64_t seconds = fw_record_number(record, "firewatch.window.seconds", 0);
    const bool exact = fw_record_flag(record, "firewatch.measure.exact", true);
    const int64_t most = FW_TIME_MAX / FW_SECOND;
    char span[32], error[64] = "";

    if (fw_record_text(record, "firewatch.measure.name")[0] == '\0')
        return;
    (void)fw_span_format(seconds > 0 && seconds < most ? seconds * FW_SECOND : 0, span, sizeof span);
    if (!exact)
        (void)snprintf(error, sizeof error, ", estimated within %" PRId64 " %%",
                       fw_record_number(record, "firewatch.measure.error_pct", 0));
    fw_cli_say(out, LABEL "%" PRId64 " %s, threshold %" PRId64 ", window %s%s", "measure",
               fw_record_number(record, "firewatch.measure.value", 0), fw_record_text(record, "firewatch.measure.name"),
               fw_record_number(record, "firewatch.measure.threshold", 0), span, error);
    fw_cli_say(out, LABEL "%" PRId64 ": %" PRId64 " allowed, %" PRId64 " denied", "events",
               fw_record_number(record, "firewatch.counts.events", 0),
               fw_record_number(record, "firewatch.counts.allowed", 0),
               fw_record_number(record, "firewatch.counts.denied", 0));
}

static void print_degraded(const struct fw_record *record, FILE *out) {
    const size_t n = fw_record_count(record, "firewatch.degraded");
    char path[64], text[JOINED_TEXT] = "";

    for (size_t i = 0; i < n && i < LIST_SHOWN; i++) {
        (void)snprintf(path, sizeof path, "firewatch.degraded.%zu", i);
        fw_cli_append(text, sizeof text, "%s%s", i > 0 ? "; " : "", degraded_words(fw_record_text(record, path)));
    }
    row(out, "without", text);
}

static void print_lineage(const struct fw_story *story, const struct fw_record *record, FILE *out) {
    const char *technique = fw_record_text(record, "threat.technique.id.0");
    const char *below = fw_record_text(record, "threat.technique.subtechnique.id.0");

    if (technique[0] != '\0')
        fw_cli_say(out, LABEL "%s %s (%s)", "technique", technique, fw_record_text(record, "threat.technique.name.0"),
                   fw_record_text(record, "threat.framework"));
    if (below[0] != '\0')
        fw_cli_say(out, LABEL "%s %s", "", below, fw_record_text(record, "threat.technique.subtechnique.name.0"));
    row(out, "previous", fw_record_text(record, "firewatch.finding.previous_id"));
    row(out, "came again", story->reopened);
    row(out, "infected by", fw_record_text(record, "firewatch.lineage.parent"));
    row(out, "began with", fw_record_text(record, "firewatch.lineage.root"));
}

static void print_steps(const struct fw_story *story, FILE *out) {
    char time[FW_TIME_TEXT];

    (void)fputs("\nHow it went\n", out);
    for (size_t i = 0; i < story->count; i++) {
        const struct fw_story_step *step = &story->steps[i];

        if (story->omitted > 0 && i == story->count - 1)
            fw_cli_say(out, "  ... %zu more", story->omitted);
        fw_cli_say(out, "  %-20s  %-6s  stage %" PRId64 "  severity %" PRId64 "  measure %" PRId64,
                   fw_cli_time(step->time, time), step->action, step->stage, step->severity, step->value);
    }
}

static void print_evidence(const struct fw_record *record, FILE *out) {
    const size_t n = fw_record_count(record, "firewatch.evidence");
    char path[64], time[FW_TIME_TEXT], port[32];

    if (n == 0)
        return;
    (void)fputs("\nEvidence\n", out);
    for (size_t i = 0; i < n && i < LIST_SHOWN; i++) {
#define AT(name) (snprintf(path, sizeof path, "firewatch.evidence.%zu." name, i) > 0 ? path : "")
        const fw_time when = fw_record_time(record, AT("time"));
        const int64_t number = fw_record_number(record, AT("port"), -1);
        const char *destination = fw_record_text(record, AT("destination"));
        const char *action = fw_record_text(record, AT("action"));
#undef AT
        port[0] = '\0';
        if (number >= 0)
            (void)snprintf(port, sizeof port, "port %" PRId64, number);
        fw_cli_say(out, "  %-20s  %-5s  %-10s  %s", fw_cli_time(when, time), action, port, destination);
    }
    if (n > LIST_SHOWN)
        fw_cli_say(out, "  ... %zu more", n - LIST_SHOWN);
}

bool fw_story_print(const struct fw_story *story, struct fw_record *record, FILE *out) {
    if (!fw_record_read(record, story->text, strlen(story->text)))
        return false;
    fw_cli_say(out, "%s: %s", story->told.rule, story->told.sentence);
    (void)fputc('\n', out);
    row(out, "what", fw_record_text(record, "rule.name"));
    row(out, "who", story->told.who);
    row(out, "told by", fw_record_text(record, "observer.name"));
    print_times(story, record, out);
    const char *reason = fw_record_text(record, "firewatch.finding.close_reason");
    fw_cli_say(out, LABEL "%s%s%s", "state", story->told.state, reason[0] ? ": " : "", reason);
    print_severity(record, out);
    print_measure(record, out);
    print_degraded(record, out);
    row(out, "id", story->told.id);
    row(out, "key", fw_record_text(record, "firewatch.finding.key"));
    print_lineage(story, record, out);
    print_steps(story, out);
    if (story->evidence && !fw_record_read(record, story->evidence, strlen(story->evidence)))
        return false;
    print_evidence(record, out);
    if (story->evidence && !fw_record_read(record, story->text, strlen(story->text)))
        return false;
    if (fw_record_text(record, "firewatch.next_step")[0] != '\0') {
        (void)fputs("\nNext step\n", out);
        wrap(out, fw_record_text(record, "firewatch.next_step"));
    }
    return true;
}
