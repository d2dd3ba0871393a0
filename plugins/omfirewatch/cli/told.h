/* told.h: a finding as its documents tell it, one after the other.
 *
 * Text is cut at its bound; it is what somebody wrote, to be shown by fw_cli_say()
 * only.
 */
#ifndef FW_TOLD_H
#define FW_TOLD_H

#include "../core/finding.h"
#include "../parse/record.h"

#define FW_TOLD_NAME 64
#define FW_TOLD_WHO  160 /* two addresses and a port */

struct fw_told {
    char id[FW_TOLD_NAME];
    char rule[FW_TOLD_NAME];
    char state[FW_TOLD_NAME];       /* "open", "closed" */
    char who[FW_TOLD_WHO];          /* "10.1.2.3 tcp/445" */
    char sentence[FW_SENTENCE_MAX]; /* of the last document of the highest stage */
    fw_time opened;                 /* time of the first document */
    fw_time last;                   /* of the last evidence */
    unsigned documents;
    unsigned openings; /* more than one where several findings of one matter are taken together */
    int64_t stage;     /* the highest */
    int64_t severity;  /* the worst, that is, the lowest */
};

/* Whether the record is a document about a finding. */
bool fw_told_is_finding(const struct fw_record *record);
/* What the matter is known by: firewatch.finding.key, or detector and subject. */
void fw_told_key(const struct fw_record *record, char *buf, size_t size);
/* "10.1.2.3 -> 192.0.2.7 tcp/445" */
void fw_told_who(const struct fw_record *record, char *buf, size_t size);
/* told was zeroed before its first document. */
void fw_told_add(struct fw_told *told, const struct fw_record *record);

#endif
