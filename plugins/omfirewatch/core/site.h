/* site.h: what the policy says about the site: the home networks, the roles, the sensors.
 *
 * A role marks hosts whose work looks like an attack (an NMS pings everybody, a
 * mail server talks to every other). Detectors name the roles that guard them.
 */
#ifndef FW_SITE_H
#define FW_SITE_H

#include "addr.h"
#include "event.h"
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

/* A device that writes log lines, or several whose names begin alike. */
struct fw_sensor {
    const char *name;           /* without the '*' */
    size_t len;                 /* of name */
    bool prefix;                /* "fw-berlin-*" */
    const struct fw_zone *zone; /* of its stamps that name none */
};

struct fw_site {
    struct fw_netmap nets;           /* address -> FW_ROLE_HOME | role bits */
    const struct fw_sensor *sensors; /* those without '*' first, by memcmp of their names; then the longest first */
    size_t sensors_count;
};

/* The zone of the stamps of that sensor that name none; NULL: nothing was said. Constant as long as the site is. */
const struct fw_zone *fw_site_sensor_zone(const struct fw_site *site, const struct fw_str *name);

#endif
