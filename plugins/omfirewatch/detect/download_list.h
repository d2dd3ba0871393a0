/* download_list.h: the list of downloads: who fetched which program, from where, told at round times.
 *
 * A row is a client and an address of the web without its query; rows stand in the detector's
 * own table until they are told. A document holds FW_DOWNLOADS_PAGE rows; what has more comes in
 * several, some seconds of event time apart, in the order of clients, hosts and paths, at most
 * FW_DOWNLOADS_MOST rows an interval: what is over that is counted in the last one.
 * Memory: an entry of the table each (download_entry below, some 450 bytes); a row goes
 * before a host does. What an attacker controls: names, which are bounded and made printable.
 */
#ifndef FW_DOWNLOAD_LIST_H
#define FW_DOWNLOAD_LIST_H

#include "../core/notice.h"
#include "download.h"
#include "keyed.h"

#define FW_DOWNLOAD_FILE_MAX 48
#define FW_DOWNLOADS_PAGE    10              /* rows in one document: it has to fit FW_DOCUMENT_MAX */
#define FW_DOWNLOADS_GAP     (4 * FW_SECOND) /* between two: half of what FW_NOTICES_PER_MINUTE allows */
#define FW_DOWNLOADS_MOST    200             /* what somebody reads */

enum fw_download_form {
    FW_DOWNLOAD_HOST = 1, /* where programs came from: what is known, and its finding */
    FW_DOWNLOAD_FILE,     /* a client and the name of a file it was told for: which host's finding tells it */
    FW_DOWNLOAD_ROW,      /* of the list */
};

/* Names by two hashes: 128 bits. No padding. */
struct fw_download_key {
    uint64_t form;
    uint64_t id[2];
};

struct fw_download_entry {
    struct fw_matter matter; /* always first */
    union fw_addr src, dst;
    uint64_t told_by[2]; /* id of the host whose finding tells this; 0: its own */
    uint64_t hosts;      /* that its finding is about */
    uint64_t bytes;      /* of a row */
    uint8_t has_dst;
    uint8_t disagrees;
    uint8_t known;    /* the host was, when the finding opened; of a row: when it was first fetched from */
    uint8_t nameless; /* its host is a bare address */
    uint8_t zero[4];
    char host[FW_DOMAIN_MAX];
    char file[FW_DOWNLOAD_FILE_MAX];
    char mime[FW_DOWNLOAD_FILE_MAX];
    char path[FW_NOTICE_PATH_MAX];
};
_Static_assert(sizeof(struct fw_download_entry) <= FW_KEYED_VALUE_MAX, "a value of keyed.h");

/* Of the detector, beside its entries. */
struct fw_download_extra {
    fw_time began;  /* to watch; 0: not yet */
    fw_time listed; /* the last list was due; likewise */
    fw_time since;  /* of the list that is being told */
    fw_time page;   /* the last page of it */
    uint64_t telling;
    uint64_t told;    /* rows of it */
    uint64_t updates; /* from update services since the last list */
};

/* One download more of a row. is_new: the site had not fetched from that host before. */
void fw_download_list_add(struct fw_det *det, const struct fw_event *ev, const struct fw_download *download,
                          bool is_new, uint64_t bytes, const struct fw_sink *sink);
/* Tells what is due. */
void fw_download_list_advance(struct fw_det *det, fw_time now, fw_time interval, const struct fw_sink *sink);

/* What the detector and the list write in the same way. */
void fw_download_hash(uint64_t id[2], const void *p, size_t len);
void fw_download_describe(struct fw_download_entry *entry, const struct fw_event *ev,
                          const struct fw_download *download);

static inline struct fw_download_extra *fw_download_extra_of(struct fw_det *det) {
    return (struct fw_download_extra *)(void *)det->extra;
}

#endif
