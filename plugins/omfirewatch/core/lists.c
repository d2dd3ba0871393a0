/* lists.c: see lists.h. */
#include "lists.h"

#include <string.h>

static bool fits(const struct fw_listed *service, const struct fw_event *ev) {
    if (service->ports_count == 0)
        return true;
    if (!fw_event_has(ev, FW_BIT(dport) | FW_BIT(proto)))
        return false;
    for (size_t i = 0; i < service->ports_count; i++) {
        const struct fw_ports *ports = &service->ports[i];
        if (ev->dport >= ports->first && ev->dport <= ports->last && (ports->proto < 0 || ports->proto == ev->proto))
            return true;
    }
    return false;
}

static unsigned port_of(const struct fw_lists *lists, unsigned proto, uint16_t port) {
    return proto == FW_PROTO_TCP ? lists->ports[0][port] : proto == FW_PROTO_UDP ? lists->ports[1][port] : 0;
}

const struct fw_listed *fw_lists_service(const struct fw_site *site, const struct fw_event *ev, enum fw_listed_by *by) {
    const struct fw_lists *lists = site != NULL ? site->lists : NULL;
    enum fw_listed_by own;
    if (by == NULL)
        by = &own;
    if (lists == NULL)
        return NULL;
    *by = FW_LISTED_BY_HOST;
    if (ev->dst_service != 0 && fits(&lists->services[ev->dst_service - 1], ev))
        return &lists->services[ev->dst_service - 1];
    *by = FW_LISTED_BY_PROTOCOL;
    if (fw_event_has(ev, FW_BIT(proto)) && lists->protocols[ev->proto] != 0)
        return &lists->services[lists->protocols[ev->proto] - 1];
    *by = FW_LISTED_BY_PORT;
    if (!fw_event_has(ev, FW_BIT(dport) | FW_BIT(proto)))
        return NULL;
    const unsigned port = port_of(lists, ev->proto, ev->dport);
    return port >= 2 ? &lists->services[port - 2] : NULL;
}

bool fw_lists_port(const struct fw_site *site, unsigned proto, uint16_t port) {
    const struct fw_lists *lists = site != NULL ? site->lists : NULL;
    return lists == NULL || (proto != FW_PROTO_TCP && proto != FW_PROTO_UDP) || port_of(lists, proto, port) != 0;
}

static const struct fw_domain *find(const struct fw_lists *lists, const char *name) {
    size_t low = 0, high = lists->domains_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(lists->domains[middle].name, name);
        if (order == 0)
            return &lists->domains[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Lower case without a port; "" when it is no name. */
static void copy_host(const struct fw_str *host, char text[FW_DOMAIN_NAME_MAX + 1]) {
    size_t len = 0;
    while (len < host->len && len < FW_DOMAIN_NAME_MAX && host->p[len] != ':' && host->p[len] != '\0') {
        const char c = host->p[len];
        text[len++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    while (len > 0 && text[len - 1] == '.')
        len--;
    text[len] = '\0';
}

const struct fw_listed *fw_lists_host(const struct fw_site *site, const struct fw_str *host, bool *updates) {
    const struct fw_lists *lists = site != NULL ? site->lists : NULL;
    char text[FW_DOMAIN_NAME_MAX + 1];
    const struct fw_domain *found = NULL;
    if (updates != NULL)
        *updates = false;
    if (lists == NULL || lists->domains_count == 0)
        return NULL;
    copy_host(host, text);
    const char *at = text + strlen(text);
    for (unsigned labels = 0; at > text && labels < FW_DOMAIN_LABELS; labels++) { /* the longest that is listed holds */
        at--;
        while (at > text && at[-1] != '.')
            at--;
        const struct fw_domain *one = find(lists, at);
        found = one != NULL ? one : found;
    }
    if (found == NULL)
        return NULL;
    if (found->service != FW_SERVICE_UPDATES)
        return &lists->services[found->service];
    if (updates != NULL)
        *updates = true;
    return NULL;
}
