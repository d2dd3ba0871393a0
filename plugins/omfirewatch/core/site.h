/* site.h: what the policy says about the site: home, hosts' values, roles, exceptions, sensors.
 *
 * A role marks hosts whose work looks like an attack (an NMS pings everybody, a
 * mail server talks to every other). Detectors name the roles that guard them.
 * An exception keeps one kind of event from one detector.
 *
 * Every address is in one place; an event costs one look-up an address. Places
 * without roles of their own and without exceptions say so in their first bytes.
 * A site is built once and constant after.
 */
#ifndef FW_SITE_H
#define FW_SITE_H

#include "addr.h"
#include "app.h"
#include "calendar.h"
#include "event.h"
#include "geo.h"
#include "zone.h"

#define FW_ASSET_MIN     1 /* a guest's telephone */
#define FW_ASSET_DEFAULT 2 /* OSSIM's default of 0 to 5, which 0 does not make sense in: it would silence */
#define FW_ASSET_MAX     5 /* what the company cannot do without */

#define FW_ROLE_HOME UINT64_C(1) /* inside the site's own networks */

/* FW_ROLE(name in the policy, one line of documentation); append only */
#define FW_ROLE_LIST                                                                                                   \
    FW_ROLE(nms, "network management: pings and asks by SNMP whom it likes")                                           \
    FW_ROLE(mail_server, "sends and receives the site's mail")                                                         \
    FW_ROLE(bulk_mailer, "sends newsletters and the like")                                                             \
    FW_ROLE(web_cache, "fetches web pages by itself, as crawlers do")                                                  \
    FW_ROLE(proxy, "connects on behalf of others")                                                                     \
    FW_ROLE(nat, "several machines are known to stand behind it")                                                      \
    FW_ROLE(scanner, "vulnerability scanner")                                                                          \
    FW_ROLE(vpn_gateway, "end of VPN tunnels")                                                                         \
    FW_ROLE(dns_server, "resolves names for others")                                                                   \
    FW_ROLE(admin_host, "administrators work from here")                                                               \
    FW_ROLE(skype_user, "known user of Skype and its like")                                                            \
    FW_ROLE(p2p_user, "known user of peer to peer file sharing")

enum fw_role_number {
    FW_ROLE_NUMBER_home,
#define FW_ROLE(name, doc) FW_ROLE_NUMBER_##name,
    FW_ROLE_LIST
#undef FW_ROLE
        FW_ROLE_NUMBERS
};
_Static_assert(FW_ROLE_NUMBERS <= 64, "roles are bits of one 64 bit word");
#define FW_ROLE_BIT(name) (UINT64_C(1) << FW_ROLE_NUMBER_##name)

#define FW_ENTRIES_MAX 1024 /* roles and exceptions of a site: more is a rule base, and nobody knows it by heart */
#define FW_LABEL_MAX   48   /* how an entry is called in a summary */

/* A protocol's port or several. */
struct fw_ports {
    int proto; /* -1: any */
    uint16_t first;
    uint16_t last;
};

/* A role of some hosts, or an exception: whom it is about is told by the places that list it. */
struct fw_entry {
    uint64_t id;       /* of its content, so that a new policy goes on counting for it */
    uint32_t number;   /* index in site->entries */
    const char *label; /* "nms: Zabbix pings everybody"; at most FW_LABEL_MAX bytes */
    struct fw_calendar when;
    fw_time until;                 /* holds before; FW_TIME_MAX: no end */
    uint64_t role;                 /* the bit; 0: an exception, and what follows is of it */
    uint64_t detectors;            /* bits 1 << index in fw_detectors[] */
    const uint64_t *rules;         /* and of the policy's rules, FW_RULE_BITS words; NULL: of none */
    bool needs_destination;        /* listed under its source; its destination must match too */
    struct fw_netmap destinations; /* then: 1 for those that match */
    const struct fw_ports *ports;
    size_t ports_count; /* 0: any, and none */
};

/* Entries that hold for all hosts of a place: those of the narrowest network first. */
struct fw_link {
    const struct fw_entry *entry;
    const struct fw_link *next;
};

struct fw_place {
    uint64_t roles;                     /* FW_ROLE_HOME | role bits that hold always */
    uint8_t asset;                      /* 0: nothing was said */
    uint16_t service;                   /* of the lists, index + 1; 0: none */
    bool timed;                         /* some of its roles hold at times only */
    const struct fw_link *given;        /* its roles, those that hold always too */
    const struct fw_link *sources;      /* exceptions for what comes from here */
    const struct fw_link *destinations; /* and for what goes here, whatever the source */
};

/* A device that writes log lines, or several whose names begin alike. */
struct fw_sensor {
    const char *name;           /* without the '*' */
    size_t len;                 /* of name */
    bool prefix;                /* "fw-berlin-*" */
    const struct fw_zone *zone; /* of its stamps that name none */
};

/* What is said of one network: one of these. */
enum fw_fact_kind {
    FW_FACT_ROLES,
    FW_FACT_ASSET,
    FW_FACT_ROLE_ENTRY,
    FW_FACT_SOURCE,
    FW_FACT_DESTINATION,
    FW_FACT_SERVICE
};
struct fw_fact {
    struct fw_net net;
    enum fw_fact_kind kind;
    uint64_t roles;               /* FW_FACT_ROLES */
    uint8_t asset;                /* FW_FACT_ASSET; the narrowest network that says one is heard */
    uint16_t service;             /* FW_FACT_SERVICE; the narrowest network that says one is heard */
    const struct fw_entry *entry; /* the others */
};

struct fw_lists;

struct fw_site {
    struct fw_netmap nets; /* address -> index of its place */
    struct fw_place *places;
    struct fw_link *links;
    const struct fw_entry *const *entries; /* all of them */
    size_t entries_count;
    const struct fw_link *anywhere;  /* exceptions by port alone */
    const struct fw_sensor *sensors; /* those without '*' first, by memcmp of their names; then the longest first */
    size_t sensors_count;
    const struct fw_app_rule *apps; /* what the policy says of applications, in its order */
    size_t apps_count;
    const struct fw_geo *geo;     /* NULL: nobody knows where addresses are */
    const struct fw_lists *lists; /* services; NULL: none are known */
};

/* Fills nets, places and links of n facts; the rest is the caller's and what entries point to stays his. Returns 0, or
 * -1 when memory is missing. A site of zeros is one where nothing is known of any address. */
int fw_site_build(struct fw_site *site, const struct fw_fact *facts, size_t n);
/* Frees what fw_site_build() made. */
void fw_site_free(struct fw_site *site);

extern const struct fw_place fw_place_unknown;

static inline const struct fw_place *fw_site_place(const struct fw_site *site, const union fw_addr *addr) {
    return site->places ? &site->places[fw_netmap_lookup(&site->nets, addr)] : &fw_place_unknown;
}

bool fw_entry_holds(const struct fw_entry *entry, fw_time time);
/* All roles of a host of that place at that time. */
uint64_t fw_place_roles_at(const struct fw_place *place, fw_time time);

/* The zone of the stamps of that sensor that name none; NULL: nothing was said. Constant as long as the site is. */
const struct fw_zone *fw_site_sensor_zone(const struct fw_site *site, const struct fw_str *name);

/* The greater value of the two ends that are inside; 0: none is, or nothing is known of them. */
static inline unsigned fw_event_asset(const struct fw_event *ev) {
    const unsigned src = (ev->src_roles & FW_ROLE_HOME) != 0 ? ev->src_asset : 0;
    const unsigned dst = (ev->dst_roles & FW_ROLE_HOME) != 0 ? ev->dst_asset : 0;
    return src > dst ? src : dst;
}

#endif
