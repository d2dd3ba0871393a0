/* attempt.c: see attempt.h. */
#include "attempt.h"

#include <string.h>
#include <strings.h>

#include "../core/site.h"
#include "worm_ports.h"

enum { TCP_NO_PAYLOAD = 60 };     /* bytes of one TCP packet that carries nothing: SYN-ACK or RST with options */
enum { PORTS_RESERVED = 1024 };   /* servers answer from below, clients ask from above */
enum { ECHO = 8, ECHO_V6 = 128 }; /* ICMP types */

static bool is_attempt(const struct fw_event *ev) {
    if (ev->reply || fw_addr_is_group(&ev->dst))
        return false;
    switch (ev->proto) {
    case FW_PROTO_TCP:
        if (!fw_event_has(ev, FW_BIT(dport)))
            return false;
        /* An allowed packet that is no SYN is the middle of a session. Denied ones count whatever their flags: FIN,
         * NULL and Xmas scans look like that. */
        return ev->kind != FW_KIND_FLOW_START || !fw_event_has(ev, FW_BIT(tcp_flags)) ||
               (ev->tcp_flags & (FW_TCP_SYN | FW_TCP_ACK)) == FW_TCP_SYN;
    case FW_PROTO_UDP:
        return fw_event_has(ev, FW_BIT(dport));
    case FW_PROTO_ICMP:
    case FW_PROTO_ICMP6:
        /* A session whose type the device does not name (an ASA) began with a question. */
        return fw_event_has(ev, FW_BIT(icmp_type)) ? ev->icmp_type == (ev->proto == FW_PROTO_ICMP ? ECHO : ECHO_V6)
                                                   : ev->kind != FW_KIND_FLOW_DENY;
    default:
        return false;
    }
}

static bool says(const struct fw_str *reason, const char *what) {
    const size_t len = strlen(what);
    for (size_t i = 0; i + len <= reason->len; i++)
        if (strncasecmp(reason->p + i, what, len) == 0)
            return true;
    return false;
}

/* Why it ended, in words that devices use: nobody answered the SYN; or a reset came before there can have been more than
 * one packet each way. */
static bool ended_unheard(const struct fw_event *ev) {
    if (!fw_event_has(ev, FW_BIT(reason)) || ev->proto != FW_PROTO_TCP)
        return false;
    if (says(&ev->reason, "SYN Timeout"))
        return true;
    return ev->bytes <= (uint64_t)2 * TCP_NO_PAYLOAD && (says(&ev->reason, "reset") || says(&ev->reason, "rst"));
}

static enum fw_attempt judge_end(const struct fw_event *ev) {
    if (fw_event_has(ev, FW_BIT(rcvd)))
        return ev->rcvd <= (ev->proto == FW_PROTO_TCP ? TCP_NO_PAYLOAD : 0) ? FW_ATTEMPT_FAILED : FW_ATTEMPT_ANSWERED;
    if (fw_event_has(ev, FW_BIT(bytes)) && (ev->bytes == 0 || ended_unheard(ev)))
        return FW_ATTEMPT_FAILED;
    if (fw_event_has(ev, FW_BIT(bytes)) && ev->proto == FW_PROTO_TCP)
        return FW_ATTEMPT_ANSWERED;
    return FW_ATTEMPT_UNKNOWN; /* one sum of bytes does not tell whether a datagram was answered */
}

enum fw_attempt fw_attempt_judge(const struct fw_event *ev) {
    if (!is_attempt(ev))
        return FW_ATTEMPT_NONE;
    switch (ev->kind) {
    case FW_KIND_FLOW_DENY:
        return FW_ATTEMPT_FAILED;
    case FW_KIND_FLOW_START:
        return ev->ends_logged || !ev->counts ? FW_ATTEMPT_NONE : FW_ATTEMPT_UNKNOWN;
    case FW_KIND_FLOW_END:
        return judge_end(ev);
    default:
        return FW_ATTEMPT_NONE;
    }
}

bool fw_attempt_is_like_reply(const struct fw_event *ev) {
    if (!fw_event_has(ev, FW_BIT(sport) | FW_BIT(dport)) || ev->sport >= PORTS_RESERVED || ev->sport == 0 ||
        ev->dport < PORTS_RESERVED)
        return false;
    return ev->proto != FW_PROTO_TCP || !fw_event_has(ev, FW_BIT(tcp_flags)) || ev->kind == FW_KIND_FLOW_END ||
           (ev->tcp_flags & (FW_TCP_SYN | FW_TCP_ACK)) != FW_TCP_SYN;
}

bool fw_attempt_is_common(const struct fw_event *ev) {
    if ((ev->proto != FW_PROTO_TCP && ev->proto != FW_PROTO_UDP) || !fw_event_has(ev, FW_BIT(dport)))
        return false;
    switch (ev->dport) {
    case 53:  /* DNS */
    case 80:  /* the web */
    case 123: /* time */
    case 443: /* the web, QUIC among it */
    case 853: /* DNS over TLS */
        return true;
    default:
        return false;
    }
}

static bool is_mail(const struct fw_event *ev) {
    return ev->proto == FW_PROTO_TCP && fw_event_has(ev, FW_BIT(dport)) &&
           (ev->dport == 25 || ev->dport == 465 || ev->dport == 587);
}

bool fw_attempt_is_on_behalf(const struct fw_event *ev, enum fw_attempt outcome) {
    const uint64_t others = FW_ROLE_BIT(proxy) | FW_ROLE_BIT(dns_server) | FW_ROLE_BIT(nat);
    if ((ev->src_roles & FW_ROLE_HOME) == 0)
        return false;
    if (is_mail(ev))
        return (ev->src_roles & (FW_ROLE_BIT(mail_server) | FW_ROLE_BIT(bulk_mailer))) != 0;
    if (!fw_attempt_is_common(ev))
        return false;
    return (ev->src_roles & others) != 0 || (ev->proto == FW_PROTO_UDP && outcome == FW_ATTEMPT_UNKNOWN);
}

bool fw_attempt_is_like_peer(const struct fw_event *ev, enum fw_attempt outcome) {
    return outcome == FW_ATTEMPT_UNKNOWN && (ev->proto == FW_PROTO_UDP || ev->proto == FW_PROTO_TCP) &&
           ev->dport >= PORTS_RESERVED && (ev->src_roles & FW_ROLE_HOME) != 0 && (ev->dst_roles & FW_ROLE_HOME) == 0 &&
           !fw_is_worm_port(ev->proto, ev->dport);
}

void fw_attempt_key(struct fw_attempt_key *key, const struct fw_event *ev, bool unknown) {
    memset(key, 0, sizeof *key);
    key->src = ev->src;
    key->proto = ev->proto;
    key->dport = fw_event_has(ev, FW_BIT(dport)) ? ev->dport : 0;
    key->unknown = unknown;
}
