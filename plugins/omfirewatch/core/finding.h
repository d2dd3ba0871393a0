/* finding.h: the life of findings: they open once, update when it matters, close.
 *
 * A detector keeps an entry per key in a table of its own and reports on it; the
 * register here decides what is worth a document: open at the first report;
 * update when the stage or the value of the asset rises, the measure doubled, or
 * `refresh` passed while it changed (never twice within `update_gap`); close when
 * nothing was reported for the detector's quiet time, or when room was needed.
 * Reopened within `memory` it names the previous id. A finding that another one
 * of the same source mutes (relation.h) lives without documents until
 * that one has closed and it still goes on. More than `per_minute` documents
 * (closes of what was announced excepted) are folded into one and counted; what
 * was folded is announced when there is room and it goes on.
 *
 * Invariants: an entry with an open finding is pinned by its detector, so the
 * entry pointer stays good until ops->closed(); at most FW_FINDINGS_MAX are
 * open, and those that were refused are counted and told once an hour; what was
 * announced gets its close.
 * Identity: hash of detector, key and opening time with the fixed seed, so a
 * replay agrees with production.
 * Memory: 650 bytes an open finding, 40 a remembered one, all at open.
 * What an attacker controls: how many keys report. Nothing of his text gets
 * into a document except through the bounded writer of json.h.
 */
#ifndef FW_FINDING_H
#define FW_FINDING_H

#include "event.h"
#include "json.h"
#include "mem.h"
#include "state.h"

#define FW_FINDINGS_MAX    4096             /* open at once: nobody handles more; the rest is counted */
#define FW_FINDING_MIN_GAP FW_MINUTE        /* between two documents of one finding */
#define FW_FINDING_REFRESH (15 * FW_MINUTE) /* a changing finding says so this often */
#define FW_FINDING_MEMORY  (24 * FW_HOUR)   /* within this the same matter reopens */
#define FW_SUMMARY_EVERY   FW_HOUR          /* what exceptions held back, and the like */
#define FW_SAVE_EVERY      FW_MINUTE        /* the state, to its file */
#define FW_EVIDENCE_MAX    10               /* first 3, last 3, 4 sampled by hash */
#define FW_SENTENCE_MAX    256              /* readable on a phone */
#define FW_DEGRADED_MAX    4
#define FW_USERS_MAX       4  /* names in related.user */
#define FW_USER_MAX        64 /* bytes of one; longer ones are cut */
#define FW_KEY_TEXT_MAX    128
#define FW_RIVALS_MAX      3 /* other parents that are named */
#define FW_MEMBERS_MAX     8 /* findings named in a story */
#define FW_MEMBER_NAME     24
#define FW_DOMAIN_MAX      64   /* bytes of destination.domain; a longer name loses its first labels */
#define FW_DOCUMENT_MAX    8192 /* bytes of one rendered document */

/* How often what is said; 0 stands for the default. */
struct fw_intervals {
    fw_time update_gap; /* FW_FINDING_MIN_GAP */
    fw_time refresh;    /* FW_FINDING_REFRESH */
    fw_time memory;     /* FW_FINDING_MEMORY */
    fw_time summary;    /* FW_SUMMARY_EVERY */
    fw_time save;       /* FW_SAVE_EVERY */
    fw_time users;      /* FW_USAGE_EVERY */
};

enum fw_class { FW_CLASS_THREAT, FW_CLASS_USAGE, FW_CLASS_ANOMALY };
const char *fw_class_name(enum fw_class class);

/* Whom it is about. */
struct fw_subject {
    union fw_addr src;
    union fw_addr dst;
    bool has_src;
    bool has_dst;
    int proto; /* -1: none */
    int dport; /* -1: none */
};

/* What a detector says each time something adds to a matter. */
struct fw_report {
    void *entry; /* value in the detector's table; its key is the identity of the matter */
    const void *key;
    size_t key_size;
    uint32_t *handle; /* the detector's place for the register's handle; 0: no finding open */
    struct fw_subject subject;
    fw_time time;   /* of the event that led to this report */
    fw_time start;  /* first evidence */
    unsigned stage; /* from 1; higher is worse */
    uint64_t value; /* the measure */
    uint64_t threshold;
    uint64_t events;
    uint64_t allowed;
    uint64_t denied;
    uint64_t late;  /* of the events: came older than the watermark */
    unsigned asset; /* the greatest value of a home end so far; 0: not known */
};

struct fw_evidence {
    fw_time time;
    union fw_addr dst;
    bool has_dst;
    int dport;  /* -1: none */
    int action; /* enum fw_action, 0: unknown */
};

/* Who infected the source: the address before it, the first of all, and how many steps from that one. */
struct fw_rival {
    union fw_addr parent;
    unsigned share;
};
struct fw_lineage {
    union fw_addr parent;
    union fw_addr root;
    unsigned depth; /* 0: not known */
    unsigned share; /* percent of the suspicion: 100 when nobody else comes into question */
    fw_time lag;    /* from the contact to the first evidence against the source */
    int proto;      /* of the contact; -1: none */
    int dport;
    struct fw_rival rivals[FW_RIVALS_MAX]; /* others who may have done it, the likeliest first */
    size_t rival_count;
};

/* One of the findings that a story is made of. */
struct fw_member {
    char name[FW_MEMBER_NAME]; /* of its detector */
    uint64_t id;
    fw_time start;
    unsigned stage;
};

/* What a detector adds when a document is written: on open, update and close only. Zeroed before, but for confidence
 * 100, exact and value. */
struct fw_description {
    char sentence[FW_SENTENCE_MAX]; /* "10.1.2.3 tried 25 hosts on tcp/445 in 41 s (23 denied)" */
    const char *measure;            /* name of the measure: "destinations" */
    bool exact;                     /* the value is a count, not an estimate */
    unsigned error_pct;
    uint64_t value; /* magnitude to print */
    fw_time window;
    unsigned confidence;                   /* 0-100 */
    unsigned raise;                        /* added to the score: aggravating circumstances */
    const char *degraded[FW_DEGRADED_MAX]; /* names of what it had to do without; NULL ends */
    const char *next_step;
    char key[FW_KEY_TEXT_MAX];  /* the matter in words, where the subject does not tell it: "10.1.2.3|smtp" */
    char domain[FW_DOMAIN_MAX]; /* whom it is about where that is a name: destination.domain; "": none */
    struct fw_lineage lineage;
    struct fw_member members[FW_MEMBERS_MAX]; /* of a story */
    size_t member_count;
    char users[FW_USERS_MAX][FW_USER_MAX]; /* "" ends */
    struct fw_evidence evidence[FW_EVIDENCE_MAX];
    size_t evidence_count;
};

#define FW_TRACE_MAX 1536 /* bytes of a finding as it is written down; names of up to 255 bytes among them */

/* One message for the world: the module injects it, replay prints it. */
enum fw_document_kind { FW_DOCUMENT_FINDING, FW_DOCUMENT_SUMMARY, FW_DOCUMENT_HEALTH };
struct fw_document {
    enum fw_document_kind kind;
    unsigned severity; /* syslog, 0-7 */
    uint64_t sequence;
    size_t trace_len;
    size_t text_len;
    size_t json_len;
    char text[FW_SENTENCE_MAX + 64]; /* "addr_scan open: 10.1.2.3 tried ..." */
    char json[FW_DOCUMENT_MAX];
    uint8_t trace[FW_TRACE_MAX]; /* a finding's: what fw_findings_trace() knows it again by */
};

struct fw_findings;
struct fw_detector;
struct fw_detector_ops;

/* What detectors that put findings together are told of each finding of the others: when it opens and whenever it
 * has news, be its document written, folded into a storm or muted by such a detector. One that is muted as the same
 * matter as another one (relation.h) is not told of. Borrowed for the call. */
struct fw_news {
    const struct fw_detector_ops *ops; /* whose finding it is */
    uint64_t id;
    struct fw_subject subject;
    fw_time time;  /* of the event that led to it */
    fw_time start; /* first evidence */
    unsigned stage;
    unsigned asset;
    bool risen;     /* it opens, or its stage rises */
    bool withdrawn; /* it is muted as the same matter as another one from now on: it does not count for itself */
    uint64_t src_roles, dst_roles; /* of the subject, filled in by the engine */
};
typedef void (*fw_news_fn)(void *cookie, struct fw_news *news);

struct fw_findings_stats {
    uint64_t open; /* now */
    uint64_t opened;
    uint64_t reopened;
    uint64_t updated;
    uint64_t closed;
    uint64_t evicted;         /* of these, to make room */
    uint64_t quieted;         /* reports not worth a document */
    uint64_t muted;           /* documents held back because a parent is open */
    uint64_t folded;          /* documents folded into a storm */
    uint64_t refused;         /* register full */
    uint64_t noticed;         /* summaries and health notices written */
    uint64_t notices_dropped; /* over FW_NOTICES_PER_MINUTE */
};

/* emit: gets every document; it may keep a copy, not the pointer. */
typedef void (*fw_emit_fn)(void *cookie, const struct fw_document *document);

int fw_findings_open(struct fw_findings **findings, unsigned per_minute, fw_emit_fn emit, void *cookie,
                     const struct fw_mem *mem);
void fw_findings_close(struct fw_findings **findings);
/* What the policy says; at once, for open findings too. intervals NULL: the defaults. */
void fw_findings_configure(struct fw_findings *findings, unsigned per_minute, const struct fw_intervals *intervals);
/* Which finding mutes which other one; the table is borrowed. Without a call: none. */
struct fw_relation;
void fw_findings_relate(struct fw_findings *findings, const struct fw_relation *relations);
/* Who knows where addresses are; borrowed. NULL: nobody. */
struct fw_geo;
void fw_findings_geo(struct fw_findings *findings, const struct fw_geo *geo);
/* Who knows what addresses are called; borrowed. NULL: nobody. */
struct fw_names;
void fw_findings_names(struct fw_findings *findings, struct fw_names *names);
/* Where an address is; false: nothing is known of it. *out is zeroed then. */
struct fw_whereabouts;
bool fw_findings_where(const struct fw_findings *findings, const union fw_addr *addr, struct fw_whereabouts *out);
/* Who is told the news; called while a detector reports, so it may report itself. NULL: nobody. */
void fw_findings_listen(struct fw_findings *findings, fw_news_fn news, void *cookie);
/* What is being observed, for observer.name and the values of assets; borrowed until the next call. `now` is the time
 * that the engine believes (fw_clock.greatest). ev NULL: nothing is observed. */
void fw_findings_observe(struct fw_findings *findings, const struct fw_event *ev, fw_time now);
void fw_findings_report(struct fw_findings *findings, struct fw_detector *detector, const struct fw_report *report);
/* All times later than `from` move by delta: the clock was set. */
void fw_findings_shift(struct fw_findings *findings, fw_time from, fw_time delta);
/* Closes the finding of that handle if it has been quiet at `now`: an event came to it before time itself was told to
 * pass. Returns true when it closed; the detector's closed() was called then. */
bool fw_findings_end(struct fw_findings *findings, uint32_t handle, fw_time now);
/* Closes the finding of this detector that was reported longest ago, with the reason "evicted": its table is full of
 * pinned entries. Returns false when it has none. */
bool fw_findings_evict(struct fw_findings *findings, const struct fw_detector *detector, fw_time now);
/* Closes what has been quiet, at most `most` findings. Returns false when there may be more to close. */
bool fw_findings_advance(struct fw_findings *findings, fw_time now, unsigned most);
/* Writes a summary or a health notice, unless its kind has had FW_NOTICES_PER_MINUTE in this minute of event time. */
struct fw_notice;
void fw_findings_notice(struct fw_findings *findings, const struct fw_notice *notice);
/* ---- state, see state.h ----
 *
 * A finding is written without its entry; when it was loaded it is an orphan. The detector's loaded() finds the entry of
 * the same matter and adopts it there. An orphan that nobody adopted goes on when its matter is reported again, under
 * its id and without another opening, and closes after its quiet time otherwise. */
bool fw_findings_save(const struct fw_findings *findings, struct fw_put *put, uint64_t *cursor);
/* detectors: the engine's, all of them. */
int fw_findings_load(struct fw_findings *findings, struct fw_detector *detectors, size_t count, struct fw_get *get);
/* A document that left after the state was written, in their order: its finding is as it said. */
void fw_findings_trace(struct fw_findings *findings, struct fw_detector *detectors, size_t count, uint64_t sequence,
                       struct fw_get *trace);
void fw_findings_loaded(struct fw_findings *findings);
/* The entry's finding was open when it was written: *handle gets it, or 0 when it is not any more. */
void fw_findings_adopt(struct fw_findings *findings, const struct fw_detector *detector, const void *key,
                       size_t key_size, void *entry, uint32_t *handle);
void fw_findings_get_stats(const struct fw_findings *findings, struct fw_findings_stats *stats);

/* "tcp/445", "udp/53", "icmp echo", "ip/47" */
size_t fw_service_format(int proto, int dport, char *buf, size_t size);

#endif
