/* storm.c: see storm.h. */
#include "storm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static fw_time minute_of(fw_time time) {
    return time - time % FW_MINUTE;
}

void fw_storm_init(struct fw_storm *storm) {
    memset(storm, 0, sizeof *storm);
    storm->minute = FW_TIME_NONE;
}

bool fw_storm_is_over(const struct fw_storm *storm, fw_time now) {
    const fw_time minute = minute_of(now);
    return storm->minute == FW_TIME_NONE || minute > storm->minute || storm->minute - minute > FW_DISTANT_CLOCK;
}

void fw_storm_begin(struct fw_storm *storm, fw_time now) {
    memset(storm, 0, sizeof *storm);
    storm->minute = minute_of(now);
}

bool fw_storm_admit(struct fw_storm *storm, unsigned per_minute, bool update) {
    if (storm->written >= per_minute || (update && storm->updates >= (per_minute + 1) / 2))
        return false;
    storm->written++;
    storm->updates += update;
    return true;
}

void fw_storm_fold(struct fw_storm *storm, const char *detector, bool update, unsigned score, const char *sentence) {
    size_t i = 0;
    while (i < FW_STORM_DETECTORS && storm->detectors[i] != NULL && strcmp(storm->detectors[i], detector) != 0)
        i++;
    if (i < FW_STORM_DETECTORS)
        storm->detectors[i] = detector;
    storm->folded_of[i]++;
    storm->folded_updates += update;
    if (storm->folded++ > 0 && score <= storm->worst_score)
        return;
    storm->worst_score = score;
    (void)fw_text_append(storm->worst, sizeof storm->worst, 0, sentence, strlen(sentence));
}

/* "addr_scan 90, mass_mail 5" */
static void list_detectors(const struct fw_storm *storm, char *buf, size_t size) {
    size_t len = 0;
    buf[0] = '\0';
    for (size_t i = 0; i < FW_STORM_DETECTORS && storm->detectors[i] != NULL; i++) {
        char one[64];
        (void)snprintf(one, sizeof one, "%s%s %" PRIu64, i > 0 ? ", " : "", storm->detectors[i], storm->folded_of[i]);
        len = fw_text_append(buf, size, len, one, strlen(one));
    }
}

void fw_storm_notice(const struct fw_storm *storm, unsigned per_minute, struct fw_notice *notice) {
    char list[96], text[2 * FW_SENTENCE_MAX];
    memset(notice, 0, sizeof *notice);
    notice->kind = FW_DOCUMENT_HEALTH;
    notice->action = "findings-folded";
    notice->severity = 4;
    notice->time = storm->minute + FW_MINUTE;
    list_detectors(storm, list, sizeof list);
    (void)snprintf(text, sizeof text,
                   "storm: %" PRIu64 " findings and updates beyond %u a minute not written (%s); worst: %s",
                   storm->folded, per_minute, list, storm->worst);
    (void)fw_text_append(notice->text, sizeof notice->text, 0, text, strlen(text));
    fw_notice_add(notice, "folded", storm->folded);
    fw_notice_add(notice, "folded_updates", storm->folded_updates);
    fw_notice_add(notice, "per_minute", per_minute);
    fw_notice_add(notice, "worst_score", storm->worst_score);
    for (size_t i = 0; i < FW_STORM_DETECTORS && storm->detectors[i] != NULL; i++)
        fw_notice_add(notice, storm->detectors[i], storm->folded_of[i]);
    if (storm->folded_of[FW_STORM_DETECTORS] > 0)
        fw_notice_add(notice, "other", storm->folded_of[FW_STORM_DETECTORS]);
}
