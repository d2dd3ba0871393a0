/* lists.h: services that are known by their addresses, ports, protocols and names.
 *
 * Made by the policy from list files, constant after. A service has networks, or
 * ports, or both (then both must fit), IP protocols that nothing else uses, and
 * host names. One with several such pairs of networks and ports is there several
 * times, with the same name. Ports that ordinary
 * services use, and hosts that programs are updated from, are listed too.
 * Memory: 128 KiB for the ports and what the lists hold.
 * What an attacker controls: host names that are looked up; they are bounded.
 */
#ifndef FW_LISTS_H
#define FW_LISTS_H

#include "app.h"
#include "event.h"
#include "site.h"

#define FW_SERVICES_MAX      253 /* one byte of a port's tells which, besides "none" and "listed" */
#define FW_SERVICE_PORTS_MAX 16
#define FW_DOMAINS_MAX       4096
#define FW_DOMAIN_NAME_MAX   253 /* RFC 1035 */
#define FW_DOMAIN_LABELS     8   /* of a host name that are looked at, from its end */

struct fw_listed {
    char name[FW_APP_MAX];
    char group[FW_APP_GROUP_MAX]; /* "none": it is known, and of no interest */
    struct fw_ports ports[FW_SERVICE_PORTS_MAX];
    size_t ports_count; /* 0: any */
};

#define FW_SERVICE_UPDATES UINT16_MAX /* what programs are updated from */

struct fw_domain {
    char *name; /* lower case; stands for what ends in it, too */
    uint16_t service;
};

struct fw_lists {
    struct fw_listed services[FW_SERVICES_MAX];
    size_t services_count;
    struct fw_domain *domains; /* by strcmp of their names */
    size_t domains_count;
    uint8_t ports[2][UINT16_MAX + 1]; /* TCP, UDP: 0 not listed, 1 listed, else a service's index + 2 */
    uint8_t protocols[UINT8_MAX + 1]; /* IP's, other than TCP and UDP: 0, else a service's index + 1 */
};

/* By what a service was known: a protocol of its own is nothing else; a port may be tried by anybody. */
enum fw_listed_by { FW_LISTED_BY_PROTOCOL = 1, FW_LISTED_BY_PORT, FW_LISTED_BY_HOST };

/* The service that the destination belongs to, by network and port, or by protocol; NULL: none. by may be NULL. */
const struct fw_listed *fw_lists_service(const struct fw_site *site, const struct fw_event *ev, enum fw_listed_by *by);
/* By host name, as URLs and CONNECTs have it; *updates (may be NULL): programs are updated from there. */
const struct fw_listed *fw_lists_host(const struct fw_site *site, const struct fw_str *host, bool *updates);
/* Is the port one of ordinary services, or of a service? Protocols other than TCP and UDP have none that is unusual. */
bool fw_lists_port(const struct fw_site *site, unsigned proto, uint16_t port);

#endif
