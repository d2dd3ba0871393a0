/* notice.h: what is said besides findings: summaries, and health of firewatch itself.
 *
 * A notice is one sentence and a few named numbers. Its document has the shape
 * of a finding's (time, message, event) with the numbers in firewatch.items[],
 * objects of name and value, which a schema can describe and a database query.
 * Each kind has a bound of its own, FW_NOTICES_PER_MINUTE, so that a storm of
 * findings cannot silence health, nor a storm of health findings; what is over
 * the bound is counted.
 */
#ifndef FW_NOTICE_H
#define FW_NOTICE_H

#include "finding.h"
#include "usage.h"

#define FW_NOTICE_ITEMS_MAX   32 /* a ranking of twenty and its totals; all of them fit into FW_DOCUMENT_MAX */
#define FW_NOTICE_NAME_MAX    64
#define FW_NOTICE_ACTION_MAX  48
#define FW_NOTICES_PER_MINUTE 30 /* of each kind: hourly summaries come at once, one for each register or exception */

struct fw_notice_item {
    char name[FW_NOTICE_NAME_MAX];
    uint64_t value;
};

/* Who used an application since the last list. */
struct fw_notice_user {
    union fw_addr src;
    fw_time first, last;    /* of all uses */
    uint64_t events, bytes; /* since the last list */
    uint64_t destinations;
    unsigned days;
    const char *state; /* what the policy says */
    char version[FW_VERSION_MAX];
};

#define FW_NOTICE_PATH_MAX 96 /* bytes of a path with its NUL */

/* Who fetched which program since the last list. Texts are borrowed and printable. */
struct fw_notice_download {
    union fw_addr src;
    fw_time first, last;
    uint64_t events, bytes;
    bool is_new; /* the site had not fetched from that host before */
    const char *host, *path, *mime;
};

struct fw_notice {
    enum fw_document_kind kind; /* summary or health */
    const char *action;         /* event.action: "policy-refused"; a constant of the program's, in ASCII */
    unsigned severity;          /* syslog, 0-7 */
    fw_time time;
    char text[FW_SENTENCE_MAX]; /* one sentence; may hold text from outside: it is made printable */
    struct fw_notice_item items[FW_NOTICE_ITEMS_MAX];
    size_t count;
    const char *application; /* NULL: it is about none; else users are those of it */
    const struct fw_notice_user *users;
    size_t users_count;
    const struct fw_notice_download *downloads; /* NULL: it is about none */
    size_t downloads_count;
};

/* Appends one number; beyond FW_NOTICE_ITEMS_MAX it is left out. */
void fw_notice_add(struct fw_notice *notice, const char *name, uint64_t value);

/* Returns 0, or -1 when it did not fit (it cannot, with the bounds here; checked all the same). */
int fw_notice_document(const struct fw_notice *notice, uint64_t sequence, struct fw_document *out);

#endif
