/* document.h: renders a finding into the message the world sees.
 *
 * One function, no state: the same finding gives the same bytes in rsyslogd and
 * in replay. Field names are ECS's; what ECS has no name for is below
 * "firewatch.".
 */
#ifndef FW_DOCUMENT_H
#define FW_DOCUMENT_H

#include "../detect/detector.h"
#include "finding.h"
#include "geo.h"
#include "register.h"

#define FW_ECS_VERSION "8.17.0" /* whose names and types the documents have */
#define FW_ID_TEXT     17       /* 64 bits in hexadecimal */

enum fw_finding_action { FW_FINDING_OPEN, FW_FINDING_UPDATE, FW_FINDING_CLOSE };

/* Everything a document says; borrowed from the register for the call. */
struct fw_finding_view {
    const struct fw_detector_ops *ops;
    enum fw_finding_action action;
    const char *close_reason; /* close only */
    uint64_t id;
    uint64_t previous_id; /* 0: none */
    uint64_t parent_id;   /* of the finding that mutes it, or did; 0: none */
    uint64_t sequence;    /* of this document within the engine */
    fw_time time;         /* of the document */
    fw_time start;
    fw_time last; /* of the last event that added to it */
    unsigned stage;
    uint64_t threshold;
    uint64_t events, allowed, denied, late;
    uint64_t suppressed;                   /* documents held back */
    uint64_t muted;                        /* findings it mutes, or did */
    const char (*children)[FW_CHILD_NAME]; /* FW_CHILDREN_MAX names of their detectors; "" ends */
    unsigned asset;                        /* 0: not known, FW_ASSET_DEFAULT */
    const struct fw_subject *subject;
    const char *sensor; /* "": none */
    const struct fw_description *what;
    const char *const
        *names; /* of the destination, name_count of them; the first is its domain, unless `what` has one */
    size_t name_count;
    struct fw_whereabouts src_where, dst_where; /* zero: not known */
};

/* 0-100: class and stage, raised by circumstances, times confidence, times the factor of the asset. */
unsigned fw_document_score(const struct fw_finding_view *view);
unsigned fw_document_severity(unsigned score); /* syslog */
/* What all documents begin with, after out->text is there; and their end: 0, or -1 when it did not fit. */
void fw_document_begin(struct fw_json *json, fw_time time, struct fw_document *out);
int fw_document_end(struct fw_json *json, struct fw_document *out);
/* Returns 0, or -1 when it did not fit (it cannot, with the bounds of finding.h; checked all the same). */
int fw_document_finding(const struct fw_finding_view *view, struct fw_document *out);

#endif
