/* devices.c: how a Linux gateway, a Cisco ASA and a NetScreen log an event. */
#include <string.h>

#include "traffic.h"

#define TCP_NO_PAYLOAD 60 /* bytes of the one TCP packet that answers with a reset, at most */

static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

uint32_t event_number(uint32_t event, uint32_t salt) {
    uint32_t h = event * 2654435761u + salt * 2246822519u;
    h = (h ^ h >> 15) * 2246822519u;
    h = (h ^ h >> 13) * 3266489917u;
    return h ^ h >> 16;
}

unsigned device_times(const struct event *ev, uint32_t span_ms, struct line lines[2]) {
    unsigned count = 0;
    if (ev->device != NETSCREEN || ev->what != PASSED) {
        lines[count++] = (struct line){.time_ms = ev->time_ms};
    }
    uint64_t end_ms = ev->time_ms + UINT64_C(1000) * ev->duration_s + 150;
    if (ev->device != NETFILTER && ev->what == PASSED && end_ms < span_ms) {
        lines[count++] = (struct line){.time_ms = (uint32_t)end_ms, .end = 1};
    }
    return count;
}

static bool inside(const struct event *ev) {
    return ev->src >> 24 == 10;
}

static uint32_t rcvd(const struct event *ev) {
    return ev->bytes - ev->sent;
}

/* The source after translation; between two inside nothing is translated. */
static uint32_t public_addr(const struct event *ev) {
    return ev->local ? ev->src : 0xc0000201u + (ev->src >> 8 & 7);
}

static unsigned public_port(const struct event *ev, uint32_t event) {
    return ev->local ? ev->sport : 1024 + event_number(event, 4) % 64000;
}

/* Netfilter writes every digit; clients are in 2001:db8:1::/48, the others in 2001:db8:f00d::/48. */
static void put_v6(struct text *out, uint32_t addr) {
    text_put(out, addr >> 24 == 10 ? "2001:0db8:0001:0000:0000:0000:" : "2001:0db8:f00d:0000:0000:0000:");
    text_hex(out, addr >> 16, 4, lower);
    text_put(out, ":");
    text_hex(out, addr & 65535, 4, lower);
}

static void put_addr(struct text *out, const struct event *ev, uint32_t addr) {
    if (ev->v6) {
        put_v6(out, addr);
    } else {
        text_v4(out, addr);
    }
}

/* "address<between>port" */
static void put_end(struct text *out, uint32_t addr, const char *between, unsigned port) {
    text_v4(out, addr);
    text_put(out, between);
    text_number(out, port);
}

/* Lines come in the order of time, so the last second's stamp is mostly the next one's. */
static const char *stamp(const struct options *options, uint32_t second) {
    static char buf[32];
    static uint32_t last = UINT32_MAX;
    if (second != last) {
        last = second;
        time_t seconds = options->start + (time_t)second;
        struct tm tm;
        gmtime_r(&seconds, &tm);
        strftime(buf, sizeof(buf), "%b %e %H:%M:%S", &tm);
    }
    return buf;
}

static void put_header(struct text *out, const struct options *options, uint32_t time_ms, const char *host) {
    text_put(out, stamp(options, time_ms / 1000));
    text_put(out, host);
}

/* --- netfilter -------------------------------------------------------------- */

static void put_netfilter_tcp(struct text *out, const struct event *ev, uint32_t r) {
    text_put(out, "PROTO=TCP SPT=");
    text_number(out, ev->sport);
    text_put(out, " DPT=");
    text_number(out, ev->dport);
    if (ev->what == STRAY) {
        text_put(out, " WINDOW=0 RES=0x00 ");
        text_put(out, r & 2 ? "ACK FIN URGP=0 " : "RST URGP=0 ");
        return;
    }
    text_put(out, r & 1 ? " WINDOW=64240 RES=0x00 SYN URGP=0 " : " WINDOW=65535 RES=0x00 SYN URGP=0 ");
    if (r % 16 == 3) { /* that rule has --log-tcp-options */
        text_put(out, "OPT (020405B40402080A");
        text_hex(out, r, 8, upper);
        text_put(out, "0000000001030307) ");
    }
}

static void put_netfilter_l4(struct text *out, const struct event *ev, uint32_t r) {
    if (ev->proto == 6) {
        put_netfilter_tcp(out, ev, r);
    } else if (ev->proto == 17) {
        text_put(out, "PROTO=UDP SPT=");
        text_number(out, ev->sport);
        text_put(out, " DPT=");
        text_number(out, ev->dport);
        text_put(out, " LEN=");
        text_number(out, 28 + r % 400);
        text_put(out, " ");
    } else if (ev->what != UNREACHABLE) {
        text_put(out, "PROTO=ICMP TYPE=8 CODE=0 ID=");
        text_number(out, r & 65535);
        text_put(out, " SEQ=");
        text_number(out, 1 + (r >> 16) % 4);
        text_put(out, " ");
    } else {
        text_put(out, "PROTO=ICMP TYPE=3 CODE=");
        text_number(out, r % 4);
        text_put(out, " [SRC=");
        put_addr(out, ev, ev->dst);
        text_put(out, " DST=");
        put_addr(out, ev, ev->src);
        text_put(out, " LEN=72 TOS=0x00 PREC=0x00 TTL=52 ID=");
        text_number(out, r & 65535);
        text_put(out, " DF PROTO=UDP SPT=");
        text_number(out, ev->sport);
        text_put(out, " DPT=");
        text_number(out, ev->dport);
        text_put(out, " LEN=52 ] ");
    }
}

static void put_mac(struct text *out, const struct event *ev) {
    uint32_t mac = event_number(ev->src, 2);
    text_put(out, inside(ev) ? "52:54:00:1a:10:01:52:54:00:" : "52:54:00:0c:10:01:52:54:00:");
    for (unsigned shift = 0; shift <= 16; shift += 8) {
        text_hex(out, mac >> shift & 255, 2, lower);
        text_put(out, ":");
    }
    text_put(out, ev->v6 ? "86:dd" : "08:00");
}

static void put_netfilter(struct text *out, const struct options *options, const struct event *ev, uint32_t event) {
    static const char *const prefixes[] = {[PASSED] = "] FORWARD-ACCEPT: IN=",
                                           [DENIED] = "] FORWARD-REJECT: IN=",
                                           [NOISE] = "] INPUT-DROP: IN=",
                                           [STRAY] = "] INVALID-DROP: IN=",
                                           [UNREACHABLE] = "] INPUT-DROP: IN="};
    uint32_t r = event_number(event, 1);
    put_header(out, options, ev->time_ms, " fw1 kernel: [");
    text_number(out, 864000 + ev->time_ms / 1000);
    text_put(out, ".");
    text_padded(out, ev->time_ms % 1000 * 1000 + r % 1000, 6);
    text_put(out, prefixes[ev->what]);
    text_put(out, inside(ev) ? "eth1 OUT=" : "eth0 OUT=");
    if (ev->what == PASSED || ev->what == DENIED) {
        text_put(out, ev->local ? "eth2" : inside(ev) ? "eth0" : "eth1");
    }
    text_put(out, " MAC=");
    put_mac(out, ev);
    text_put(out, " SRC=");
    put_addr(out, ev, ev->src);
    text_put(out, " DST=");
    put_addr(out, ev, ev->dst);
    text_put(out, " LEN=");
    unsigned length = ev->proto == 6 ? ev->what == STRAY ? 40 : 60 : ev->proto == 17 ? 48 + r % 400 : 84;
    text_number(out, length + (ev->v6 ? 20 : 0));
    text_put(out, ev->v6 ? " TC=0 HOPLIMIT=" : " TOS=0x00 PREC=0x00 TTL=");
    text_number(out, inside(ev) ? 63 : 40 + r % 16);
    text_put(out, ev->v6 ? " FLOWLBL=" : " ID=");
    text_number(out, ev->v6 ? r & 0xfffff : r >> 16);
    text_put(out, ev->proto == 6 && !ev->v6 ? " DF " : " ");
    put_netfilter_l4(out, ev, r);
}

/* --- Cisco ASA -------------------------------------------------------------- */

static void put_asa_denied(struct text *out, const struct event *ev) {
    text_put(out, "%ASA-4-106023: Deny ");
    text_put(out, ev->proto == 1 ? "icmp src " : ev->proto == 6 ? "tcp src " : "udp src ");
    text_put(out, inside(ev) ? "inside:" : "outside:");
    text_v4(out, ev->src);
    if (ev->proto != 1) {
        text_put(out, "/");
        text_number(out, ev->sport);
    }
    text_put(out, ev->local ? " dst servers:" : inside(ev) ? " dst outside:" : " dst inside:");
    text_v4(out, ev->dst);
    if (ev->proto == 1) {
        text_put(out, " (type 8, code 0)");
    } else {
        text_put(out, "/");
        text_number(out, ev->dport);
    }
    text_put(out,
             inside(ev) ? " by access-group \"inside_in\" [0x0, 0x0]" : " by access-group \"outside_in\" [0x0, 0x0]");
}

static void put_asa_icmp(struct text *out, const struct event *ev, const struct line *line) {
    unsigned id = event_number(line->event, 3) & 65535;
    text_put(out, line->end    ? "%ASA-6-302021: Teardown"
                  : inside(ev) ? "%ASA-6-302020: Built outbound"
                               : "%ASA-6-302020: Built inbound");
    text_put(out, " ICMP connection for faddr ");
    put_end(out, inside(ev) ? ev->dst : ev->src, "/", 0);
    text_put(out, " gaddr ");
    put_end(out, inside(ev) ? public_addr(ev) : ev->dst, "/", id);
    text_put(out, " laddr ");
    put_end(out, inside(ev) ? ev->src : ev->dst, "/", id);
    text_put(out, " type 8 code 0");
}

static void put_asa_end(struct text *out, const struct event *ev, uint32_t event) {
    bool empty = ev->proto == 6 && rcvd(ev) <= TCP_NO_PAYLOAD; /* it counts payload */
    text_put(out, " duration ");
    text_number(out, ev->duration_s / 3600);
    text_put(out, ":");
    text_padded(out, ev->duration_s / 60 % 60, 2);
    text_put(out, ":");
    text_padded(out, ev->duration_s % 60, 2);
    text_put(out, " bytes ");
    text_number(out, empty ? 0 : ev->bytes);
    if (ev->proto == 6) {
        text_put(out, empty && rcvd(ev) == 0 ? " SYN Timeout"
                      : empty                ? " TCP Reset-O"
                      : event % 7            ? " TCP FINs"
                                             : " TCP Reset-I");
    }
}

/* The foreign end stands first, whoever opened the connection. */
static void put_asa_session(struct text *out, const struct event *ev, const struct line *line) {
    bool outbound = inside(ev), tcp = ev->proto == 6;
    uint32_t foreign = outbound ? ev->dst : ev->src, local = outbound ? ev->src : ev->dst;
    unsigned foreign_port = outbound ? ev->dport : ev->sport, local_port = outbound ? ev->sport : ev->dport;
    if (line->end) {
        text_put(out, tcp ? "%ASA-6-302014: Teardown TCP" : "%ASA-6-302016: Teardown UDP");
    } else {
        text_put(out, tcp ? "%ASA-6-302013: Built " : "%ASA-6-302015: Built ");
        text_put(out, outbound ? "outbound" : "inbound");
        text_put(out, tcp ? " TCP" : " UDP");
    }
    text_put(out, " connection ");
    text_number(out, 1000000 + line->event);
    text_put(out, ev->local ? " for servers:" : " for outside:");
    put_end(out, foreign, "/", foreign_port);
    if (!line->end) {
        text_put(out, " (");
        put_end(out, foreign, "/", foreign_port);
        text_put(out, ")");
    }
    text_put(out, " to inside:");
    put_end(out, local, "/", local_port);
    if (line->end) {
        put_asa_end(out, ev, line->event);
    } else {
        text_put(out, " (");
        put_end(out, outbound ? public_addr(ev) : local, "/", outbound ? public_port(ev, line->event) : local_port);
        text_put(out, ")");
    }
}

static void put_asa(struct text *out, const struct options *options, const struct event *ev, const struct line *line) {
    put_header(out, options, line->time_ms, " asa1 ");
    if (ev->what == ALARM) {
        text_put(out, "%ASA-4-400027: IDS:3041 TCP SYN+FIN flags from ");
        text_v4(out, ev->src);
        text_put(out, " to ");
        text_v4(out, ev->dst);
        text_put(out, " on interface outside");
    } else if (ev->what != PASSED) {
        put_asa_denied(out, ev);
    } else if (ev->proto == 1) {
        put_asa_icmp(out, ev, line);
    } else {
        put_asa_session(out, ev, line);
    }
}

/* --- NetScreen -------------------------------------------------------------- */

static const char *netscreen_service(const struct event *ev) {
    static const struct {
        uint8_t proto;
        uint16_t port;
        const char *name;
    } names[] = {{6, 443, "https"}, {6, 80, "http"}, {17, 53, "dns"},  {6, 25, "smtp"},
                 {6, 22, "ssh"},    {1, 0, "icmp"},  {17, 123, "ntp"}, {6, 445, "smb"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (names[i].proto == ev->proto && names[i].port == ev->dport) {
            return names[i].name;
        }
    }
    return ev->proto == 6 ? "tcp/other" : "udp/other";
}

static void put_start_time(struct text *out, const struct options *options, uint32_t second) {
    /* Starts are in no order, but the day mostly is the last one's. */
    static char day[16];
    static uint32_t last = UINT32_MAX;
    uint32_t of_day = (uint32_t)((options->start + (time_t)second) % 86400);
    if (second - of_day != last) {
        last = second - of_day;
        time_t seconds = options->start + (time_t)second;
        struct tm tm;
        gmtime_r(&seconds, &tm);
        strftime(day, sizeof(day), "%Y-%m-%d ", &tm);
    }
    text_put(out, day);
    text_padded(out, of_day / 3600, 2);
    text_put(out, ":");
    text_padded(out, of_day / 60 % 60, 2);
    text_put(out, ":");
    text_padded(out, of_day % 60, 2);
}

static void put_netscreen_alarm(struct text *out, const struct event *ev) {
    text_put(out, "system-alert-00016: Port scan! From ");
    put_end(out, ev->src, ":", ev->sport);
    text_put(out, " to ");
    put_end(out, ev->dst, ":", ev->dport);
    text_put(out, ", proto TCP (zone Untrust, int untrust). Occurred 1 times.");
}

static void put_netscreen_traffic(struct text *out, const struct options *options, const struct event *ev,
                                  uint32_t event) {
    bool passed = ev->what == PASSED, trust = inside(ev);
    text_put(out, "system-notification-00257(traffic): start_time=\"");
    put_start_time(out, options, ev->time_ms / 1000);
    text_put(out, "\" duration=");
    text_number(out, passed ? ev->duration_s : 0);
    text_put(out, " policy_id=");
    text_number(out, passed ? 1 + ev->dport % 40 : 320001);
    text_put(out, " service=");
    text_put(out, netscreen_service(ev));
    text_put(out, " proto=");
    text_number(out, ev->proto);
    text_put(out, trust ? " src zone=Trust dst zone=" : " src zone=Untrust dst zone=");
    text_put(out, trust && !ev->local ? "Untrust action=" : "Trust action=");
    text_put(out, passed ? "Permit sent=" : "Deny sent=");
    text_number(out, ev->sent);
    text_put(out, " rcvd=");
    text_number(out, rcvd(ev));
    text_put(out, " src=");
    text_v4(out, ev->src);
    text_put(out, " dst=");
    text_v4(out, ev->dst);
    if (ev->proto == 1) {
        text_put(out, " icmp type=8 ");
    } else {
        text_put(out, " src_port=");
        text_number(out, ev->sport);
        text_put(out, " dst_port=");
        text_number(out, ev->dport);
        text_put(out, " ");
    }
    if (passed && trust && ev->proto == 1) { /* has no ports */
        text_put(out, "src-xlated ip=");
        text_v4(out, public_addr(ev));
        text_put(out, " dst-xlated ip=");
        text_v4(out, ev->dst);
        text_put(out, " ");
    } else if (passed && trust) {
        text_put(out, "src-xlated ip=");
        put_end(out, public_addr(ev), " port=", public_port(ev, event));
        text_put(out, " dst-xlated ip=");
        put_end(out, ev->dst, " port=", ev->dport);
        text_put(out, " ");
    }
    text_put(out, "session_id=");
    text_number(out, event_number(event, 5) % 64000);
    if (passed) {
        text_put(out, ev->proto != 6 || rcvd(ev) == 0 ? " reason=Close - AGE OUT"
                      : rcvd(ev) <= TCP_NO_PAYLOAD    ? " reason=Close - TCP RST"
                                                      : " reason=Close - TCP FIN");
    }
}

static void put_netscreen(struct text *out, const struct options *options, const struct event *ev,
                          const struct line *line) {
    put_header(out, options, line->time_ms, " ns1 ns1: NetScreen device_id=ns1  [Root]");
    if (ev->what == ALARM) {
        put_netscreen_alarm(out, ev);
    } else {
        put_netscreen_traffic(out, options, ev, line->event);
    }
}

void device_line(struct text *out, const struct options *options, const struct event *ev, const struct line *line) {
    switch (ev->device) {
    case NETFILTER:
        put_netfilter(out, options, ev, line->event);
        break;
    case ASA:
        put_asa(out, options, ev, line);
        break;
    default:
        put_netscreen(out, options, ev, line);
    }
    text_line_end(out);
}
