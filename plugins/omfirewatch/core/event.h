/* event.h: one log line as the detectors see it.
 *
 * Invariants: a field may be read only when its presence bit is set (absent is
 * absent, never 0 and never ""). Strings are borrowed from the line or from the
 * parser until the parser's next line; who keeps one copies it, bounded.
 * All text and all numbers are chosen by whoever sends packets.
 */
#ifndef FW_EVENT_H
#define FW_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/* Milliseconds since 1970-01-01 UTC. Event time, never the wall clock. */
typedef int64_t fw_time;
#define FW_SECOND    ((fw_time)1000)
#define FW_MINUTE    (60 * FW_SECOND)
#define FW_HOUR      (60 * FW_MINUTE)
#define FW_TIME_NONE INT64_MIN
/* Event times lie between 0 and this (the end of the year 9999): whoever reads a
 * line refuses others, so that sums of a time and a window never overflow. */
#define FW_TIME_MAX ((fw_time)253402300799999)

struct fw_str {
    const char *p; /* not NUL-terminated */
    uint32_t len;
};

enum fw_kind {
    FW_KIND_NONE,
    FW_KIND_FLOW_START,
    FW_KIND_FLOW_END,
    FW_KIND_FLOW_DENY,
    FW_KIND_HTTP,
    FW_KIND_DNS,
    FW_KIND_MAIL,
    FW_KIND_AUTH,
    FW_KIND_THREAT,
    FW_KIND_DEVICE,
    FW_KINDS
};
/* "flow_start" ... ; NULL beyond the last */
const char *fw_kind_name(enum fw_kind kind);

enum fw_action { FW_ACTION_ALLOW = 1, FW_ACTION_DENY = 2 };
enum fw_outcome { FW_OUTCOME_SUCCESS = 1, FW_OUTCOME_FAILURE = 2 };

enum { FW_PROTO_ICMP = 1, FW_PROTO_TCP = 6, FW_PROTO_UDP = 17, FW_PROTO_ICMP6 = 58 };
enum {
    FW_TCP_FIN = 1,
    FW_TCP_SYN = 2,
    FW_TCP_RST = 4,
    FW_TCP_PSH = 8,
    FW_TCP_ACK = 16,
    FW_TCP_URG = 32,
    FW_TCP_ECE = 64,
    FW_TCP_CWR = 128
};

#define FW_CAPTURES    4    /* brackets of a regular expression that a rule may name */
#define FW_MESSAGE_MAX 4096 /* bytes of a line that rules look at: a line of a firewall has some hundred */

/* field ids: FW_F_src, FW_F_dst, ... and FW_FIELDS, how many there are */
enum fw_field {
#define FW_FIELD(name, ecs, type, doc) FW_F_##name,
#include "fields.def"
#undef FW_FIELD
    FW_FIELDS
};
_Static_assert(FW_FIELDS <= 64, "presence bits are one 64 bit word");
#define FW_BIT(name) (UINT64_C(1) << FW_F_##name)

enum fw_type {
    FW_TYPE_ADDR,
    FW_TYPE_PORT,
    FW_TYPE_U8,
    FW_TYPE_U32,
    FW_TYPE_U64,
    FW_TYPE_PROTO,
    FW_TYPE_ACTION,
    FW_TYPE_OUTCOME,
    FW_TYPE_MS,
    FW_TYPE_FLAGS,
    FW_TYPE_STR
};

#define FW_CTYPE_ADDR    union fw_addr
#define FW_CTYPE_PORT    uint16_t
#define FW_CTYPE_U8      uint8_t
#define FW_CTYPE_U32     uint32_t
#define FW_CTYPE_U64     uint64_t
#define FW_CTYPE_PROTO   uint8_t
#define FW_CTYPE_ACTION  uint8_t
#define FW_CTYPE_OUTCOME uint8_t
#define FW_CTYPE_MS      uint64_t
#define FW_CTYPE_FLAGS   uint8_t
#define FW_CTYPE_STR     struct fw_str

struct fw_field_info {
    const char *name;
    const char *ecs;
    const char *doc;
    enum fw_type type;
    uint16_t offset; /* of the member in struct fw_event */
};
extern const struct fw_field_info fw_field_table[FW_FIELDS];
/* the field of that short name, or -1 */
int fw_field_find(const char *name, size_t len);

struct fw_event {
    uint64_t present;   /* FW_BIT() of every field that is there */
    fw_time time;       /* when it happened, as the device or the syslog header says; corrected by the engine */
    fw_time time_local; /* 0, or what a stamp without a zone says, as if it were UTC: the policy may know the zone */
    fw_time time_fold;  /* 0, or what the stamp can mean as well: in autumn an hour occurs twice */
    enum fw_kind kind;
    uint64_t identity; /* stands for the whole line, where that tells it from every other; 0: it does not */

    /* What the engine adds before the detectors look (see engine.c). */
    uint64_t sensor_number; /* stands for the device, by a hash with the secret seed */
    uint64_t src_roles;     /* FW_ROLE_... of the source; FW_ROLE_HOME among them */
    uint64_t dst_roles;
    uint8_t src_asset; /* value of the host, FW_ASSET_MIN ... FW_ASSET_MAX; 0: nothing is known, as FW_ASSET_DEFAULT */
    uint8_t dst_asset;
    uint16_t dst_service; /* of the lists that the destination is in, index + 1 (core/lists.h); 0: none */
    bool counts;          /* the first line of its session: counts as one connection */
    bool reply;           /* an answer to traffic the other side began */
    bool late;            /* older than the watermark */
    bool ends_logged;     /* this sensor logs the end of such sessions: of ICMP, or of all else */

    /* For rules of one's own, where they look at it (ruleset.h); len 0 otherwise. Of a line that is no event (kind
     * FW_KIND_NONE) these and the sensor are all there is. */
    struct fw_str message;         /* the line without its PRI, at most FW_MESSAGE_MAX bytes */
    struct fw_str program;         /* its tag without [pid] and colon */
    const char *finding;           /* NULL, or the detector or rule whose finding this is: then it is no line */
    unsigned finding_stage;        /* of it */
    const struct fw_str *captured; /* NULL, or FW_CAPTURES texts that an expression found; while a rule looks at it */

#define FW_FIELD(name, ecs, type, doc) FW_CTYPE_##type name;
#include "fields.def"
#undef FW_FIELD
};

/* A copy whose strings lie in text, of which there are `size` bytes. False: they have no room in it; what is in `to` is
 * of no use then. */
bool fw_event_copy(struct fw_event *to, const struct fw_event *from, char *text, size_t size);
/* Bytes of all its strings: what a copy wants room for. */
size_t fw_event_text_bytes(const struct fw_event *ev);

static inline bool fw_event_has(const struct fw_event *ev, uint64_t bits) {
    return (ev->present & bits) == bits;
}

#endif
