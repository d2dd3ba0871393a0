/* lists.h: lists of services by hand, for tests of the detectors that use them.
 *
 * whisper, a messenger: 192.0.2.64/26, and messenger.example. pigeon, another one:
 * 192.0.2.192/26 on tcp/5222. parley, calls: 198.51.100.0/25 on udp/3478-3481, and
 * calls.example. jabber: tcp/5222 anywhere. updates.example: updates. Ports of
 * ordinary services: 22, 53, 80, 443, 1433. And VPNs, as lists/vpn.yaml has
 * some; cloud.example is of no interest.
 */
#ifndef FW_TEST_LISTS_H
#define FW_TEST_LISTS_H

#include "fixture.h"

#include "core/lists.h"

enum { WHISPER, PIGEON, PARLEY, JABBER, IPSEC, GRE, PPTP, OPENVPN, WIREGUARD, SOFTETHER, SOFTETHER_NAT, CLOUD, LISTED };

static struct fw_lists lists_by_hand;
static struct fw_domain domains_by_hand[5];

static inline void fact(struct fw_fact *of, const char *net, enum fw_fact_kind kind) {
    *of = (struct fw_fact){.kind = kind};
    assert_int_equal(fw_net_parse(&of->net, net, strlen(net), NULL, 0), 0);
}

/* The fixture's site with them; 10.9.9.9 has `role`. */
static inline void with_lists(struct fixture *f, uint64_t role) {
    static const struct fw_listed services[LISTED] = {
        [WHISPER] = {.name = "whisper", .group = "im"},
        [PIGEON] = {.name = "pigeon", .group = "im", .ports = {{FW_PROTO_TCP, 5222, 5222}}, .ports_count = 1},
        [PARLEY] = {.name = "parley", .group = "voip", .ports = {{FW_PROTO_UDP, 3478, 3481}}, .ports_count = 1},
        [JABBER] = {.name = "jabber", .group = "im", .ports = {{FW_PROTO_TCP, 5222, 5222}}, .ports_count = 1},
        [IPSEC] = {.name = "ipsec", .group = "vpn"},
        [GRE] = {.name = "gre", .group = "vpn"},
        [PPTP] = {.name = "pptp", .group = "vpn"},
        [OPENVPN] = {.name = "openvpn", .group = "vpn"},
        [WIREGUARD] = {.name = "wireguard", .group = "vpn"},
        [SOFTETHER] = {.name = "softether", .group = "vpn"},
        [CLOUD] = {.name = "cloud", .group = "none"},
        [SOFTETHER_NAT] = {
            .name = "softether", .group = "vpn", .ports = {{FW_PROTO_UDP, 5004, 5004}}, .ports_count = 1}};
    static const uint16_t ports[] = {22, 53, 80, 443, 1433};
    static char calls[] = "calls.example", messenger[] = "messenger.example", updates[] = "updates.example",
                softether[] = "softether-network.net", cloud[] = "cloud.example";
    struct fw_fact facts[6];
    memcpy(lists_by_hand.services, services, sizeof services);
    lists_by_hand.services_count = LISTED;
    domains_by_hand[0] = (struct fw_domain){calls, PARLEY};
    domains_by_hand[1] = (struct fw_domain){cloud, CLOUD};
    domains_by_hand[2] = (struct fw_domain){messenger, WHISPER};
    domains_by_hand[3] = (struct fw_domain){softether, SOFTETHER};
    domains_by_hand[4] = (struct fw_domain){updates, FW_SERVICE_UPDATES};
    lists_by_hand.domains = domains_by_hand;
    lists_by_hand.domains_count = 5;
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        lists_by_hand.ports[0][ports[i]] = lists_by_hand.ports[1][ports[i]] = 1;
    lists_by_hand.ports[0][5222] = JABBER + 2;
    lists_by_hand.ports[0][1723] = PPTP + 2;
    lists_by_hand.ports[0][5555] = SOFTETHER + 2;
    lists_by_hand.ports[1][1194] = OPENVPN + 2;
    lists_by_hand.ports[1][51820] = WIREGUARD + 2;
    lists_by_hand.protocols[47] = GRE + 1;
    lists_by_hand.protocols[50] = IPSEC + 1;
    fact(&facts[0], "10.0.0.0/8", FW_FACT_ROLES);
    facts[0].roles = FW_ROLE_HOME;
    fact(&facts[1], "10.9.9.9", FW_FACT_ROLES);
    facts[1].roles = role;
    fact(&facts[2], "192.0.2.64/26", FW_FACT_SERVICE);
    facts[2].service = WHISPER + 1;
    fact(&facts[3], "192.0.2.192/26", FW_FACT_SERVICE);
    facts[3].service = PIGEON + 1;
    fact(&facts[4], "198.51.100.0/25", FW_FACT_SERVICE);
    facts[4].service = PARLEY + 1;
    fact(&facts[5], "130.158.6.0/24", FW_FACT_SERVICE);
    facts[5].service = SOFTETHER_NAT + 1;
    fw_site_free(&f->site);
    assert_int_equal(fw_site_build(&f->site, facts, 6), 0);
    f->site.lists = &lists_by_hand;
    fw_engine_policy(f->engine, &f->settings);
}

/* An end with bytes each way. */
static inline void end(struct fixture *f, fw_time time, const char *src, const char *dst, uint8_t proto, uint16_t dport,
                       uint64_t sent, uint64_t rcvd) {
    struct fw_event ev = flow(FW_KIND_FLOW_END, time, src, dst, proto, dport);
    ev.present |= FW_BIT(sent) | FW_BIT(rcvd);
    ev.sent = sent;
    ev.rcvd = rcvd;
    feed(f, &ev);
}

static inline void deny(struct fixture *f, fw_time time, const char *src, const char *dst, uint8_t proto,
                        uint16_t dport) {
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, time, src, dst, proto, dport);
    feed(f, &ev);
}

static inline struct fw_str str(const char *text) {
    return (struct fw_str){text, (uint32_t)strlen(text)};
}

/* A request through a proxy; mime "": not logged. */
static inline void request(struct fixture *f, fw_time time, const char *src, const char *method, const char *url,
                           const char *host_name, unsigned status, const char *mime) {
    struct fw_event ev = {.kind = FW_KIND_HTTP, .time = time, .src = addr(src)};
    ev.present = FW_BIT(src) | FW_BIT(method) | FW_BIT(url) | FW_BIT(host) | FW_BIT(status) | FW_BIT(action);
    ev.method = str(method);
    ev.url = str(url);
    ev.host = str(host_name);
    ev.status = status;
    ev.action = status == 403 ? FW_ACTION_DENY : FW_ACTION_ALLOW;
    if (mime[0] != '\0') {
        ev.present |= FW_BIT(mime);
        ev.mime = str(mime);
    }
    feed(f, &ev);
}

static inline bool knows(struct fixture *f, const char *src, const char *app, struct fw_user *user) {
    struct fw_engine_parts parts;
    const union fw_addr a = addr(src);
    fw_engine_parts(f->engine, &parts);
    return fw_usage_find(parts.usage, &a, app, user);
}

static inline uint64_t learned(struct fixture *f, const char *src, fw_time time) {
    struct fw_engine_parts parts;
    const union fw_addr a = addr(src);
    fw_engine_parts(f->engine, &parts);
    return fw_usage_roles(parts.usage, &a, time);
}

#endif
