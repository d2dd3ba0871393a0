/* devices.c: how a Linux gateway, a Cisco ASA and a NetScreen log an event. */
#include <string.h>

#include "traffic.h"

uint32_t event_number(uint32_t event, uint32_t salt) {
    uint32_t h = event * 2654435761u + salt * 2246822519u;
    h = (h ^ h >> 15) * 2246822519u;
    h = (h ^ h >> 13) * 3266489917u;
    return h ^ h >> 16;
}

struct text {
    char src[48];
    char dst[48];
    char public[20]; /* the source after translation */
};

static void format_v4(char *to, size_t size, uint32_t addr) {
    snprintf(to, size, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255, addr & 255);
}

static void format_v6(char *to, size_t size, uint32_t addr) {
    /* netfilter writes every digit; clients are in 2001:db8:1::/48, the others in 2001:db8:f00d::/48 */
    snprintf(to, size, "2001:0db8:%s:0000:0000:0000:%04x:%04x", addr >> 24 == 10 ? "0001" : "f00d", addr >> 16,
             addr & 65535);
}

static void format_addresses(struct text *text, const struct event *ev) {
    void (*format)(char *, size_t, uint32_t) = ev->v6 ? format_v6 : format_v4;
    format(text->src, sizeof(text->src), ev->src);
    format(text->dst, sizeof(text->dst), ev->dst);
    format_v4(text->public, sizeof(text->public), 0xc0000201u + (ev->src >> 8 & 7));
}

static bool inside(const struct event *ev) {
    return ev->src >> 24 == 10;
}

static struct tm time_of(const struct options *options, uint32_t time_ms) {
    time_t seconds = options->start + (time_t)(time_ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    return tm;
}

/* Lines come in the order of time, so the last second's header is mostly the next one's. */
static void write_header(FILE *out, const struct options *options, uint32_t time_ms, const char *host) {
    static char buf[32];
    static uint32_t second = UINT32_MAX;
    if (second != time_ms / 1000) {
        second = time_ms / 1000;
        struct tm tm = time_of(options, time_ms);
        strftime(buf, sizeof(buf), "%b %e %H:%M:%S", &tm);
    }
    fprintf(out, "%s %s ", buf, host);
}

/* --- netfilter -------------------------------------------------------------- */

static void write_netfilter_l4(FILE *out, const struct event *ev, const struct text *text, uint32_t r) {
    switch (ev->proto) {
    case 6:
        fprintf(out, "PROTO=TCP SPT=%u DPT=%u WINDOW=%u RES=0x00 %s URGP=0 ", ev->sport, ev->dport,
                ev->what == STRAY ? 0
                : r & 1           ? 64240
                                  : 65535,
                ev->what != STRAY ? "SYN"
                : r & 2           ? "ACK FIN"
                                  : "RST");
        if (ev->what != STRAY && r % 16 == 3) { /* that rule has --log-tcp-options */
            fprintf(out, "OPT (020405B40402080A%08X0000000001030307) ", r);
        }
        break;
    case 17:
        fprintf(out, "PROTO=UDP SPT=%u DPT=%u LEN=%u ", ev->sport, ev->dport, 28 + r % 400);
        break;
    default:
        if (ev->what != UNREACHABLE) {
            fprintf(out, "PROTO=ICMP TYPE=8 CODE=0 ID=%u SEQ=%u ", r & 65535, 1 + (r >> 16) % 4);
            break;
        }
        fprintf(out,
                "PROTO=ICMP TYPE=3 CODE=%u [SRC=%s DST=%s LEN=72 TOS=0x00 PREC=0x00 TTL=52 ID=%u DF PROTO=UDP SPT=%u "
                "DPT=%u LEN=52 ] ",
                r % 4, text->dst, text->src, r & 65535, ev->sport, ev->dport);
    }
}

static void write_netfilter(FILE *out, const struct options *options, const struct event *ev, uint32_t event) {
    static const char *const prefixes[] = {[PASSED] = "FORWARD-ACCEPT",
                                           [DENIED] = "FORWARD-REJECT",
                                           [NOISE] = "INPUT-DROP",
                                           [STRAY] = "INVALID-DROP",
                                           [UNREACHABLE] = "INPUT-DROP"};
    uint32_t r = event_number(event, 1), mac = event_number(ev->src, 2);
    struct text text;
    format_addresses(&text, ev);
    write_header(out, options, ev->time_ms, "fw1");
    fprintf(out,
            "kernel: [%u.%06u] %s: IN=%s OUT=%s MAC=52:54:00:%02x:%02x:%02x:52:54:00:%02x:%02x:%02x:%s SRC=%s DST=%s ",
            864000 + ev->time_ms / 1000, ev->time_ms % 1000 * 1000 + r % 1000, prefixes[ev->what],
            inside(ev) ? "eth1" : "eth0", ev->what == PASSED || ev->what == DENIED ? inside(ev) ? "eth0" : "eth1" : "",
            inside(ev) ? 0x1a : 0x0c, 0x10, 0x01, mac & 255, mac >> 8 & 255, mac >> 16 & 255,
            ev->v6 ? "86:dd" : "08:00", text.src, text.dst);
    unsigned length = ev->proto == 6 ? ev->what == STRAY ? 40 : 60 : ev->proto == 17 ? 48 + r % 400 : 84;
    if (ev->v6) {
        fprintf(out, "LEN=%u TC=0 HOPLIMIT=%u FLOWLBL=%u ", length + 20, inside(ev) ? 63 : 40 + r % 16, r & 0xfffff);
    } else {
        fprintf(out, "LEN=%u TOS=0x00 PREC=0x00 TTL=%u ID=%u %s", length, inside(ev) ? 63 : 40 + r % 16, r >> 16,
                ev->proto == 6 ? "DF " : "");
    }
    write_netfilter_l4(out, ev, &text, r);
    putc('\n', out);
}

/* --- Cisco ASA -------------------------------------------------------------- */

static void write_asa_denied(FILE *out, const struct event *ev, const struct text *text) {
    const char *from = inside(ev) ? "inside" : "outside", *to = inside(ev) ? "outside" : "inside";
    if (ev->proto == 1) {
        fprintf(out,
                "%%ASA-4-106023: Deny icmp src %s:%s dst %s:%s (type 8, code 0) by access-group \"%s_in\" [0x0, 0x0]\n",
                from, text->src, to, text->dst, from);
    } else {
        fprintf(out, "%%ASA-4-106023: Deny %s src %s:%s/%u dst %s:%s/%u by access-group \"%s_in\" [0x0, 0x0]\n",
                ev->proto == 6 ? "tcp" : "udp", from, text->src, ev->sport, to, text->dst, ev->dport, from);
    }
}

static void write_asa_icmp(FILE *out, const struct event *ev, const struct text *text, uint32_t event, bool end) {
    unsigned id = event_number(event, 3) & 65535;
    fprintf(out, "%%ASA-6-%s ICMP connection for faddr %s/0 gaddr %s/%u laddr %s/%u type 8 code 0\n",
            end          ? "302021: Teardown"
            : inside(ev) ? "302020: Built outbound"
                         : "302020: Built inbound",
            inside(ev) ? text->dst : text->src, inside(ev) ? text->public : text->dst, id,
            inside(ev) ? text->src : text->dst, id);
}

/* The foreign end stands first, whoever opened the connection. */
static void write_asa_session(FILE *out, const struct event *ev, const struct text *text, uint32_t event, bool end) {
    bool outbound = inside(ev);
    const char *name = ev->proto == 6 ? "TCP" : "UDP";
    const char *foreign = outbound ? text->dst : text->src, *local = outbound ? text->src : text->dst;
    unsigned foreign_port = outbound ? ev->dport : ev->sport, local_port = outbound ? ev->sport : ev->dport;
    unsigned id = 1000000 + event;
    if (end) {
        fprintf(out,
                "%%ASA-6-%u: Teardown %s connection %u for outside:%s/%u to inside:%s/%u duration %u:%02u:%02u bytes "
                "%u%s\n",
                ev->proto == 6 ? 302014 : 302016, name, id, foreign, foreign_port, local, local_port,
                ev->duration_s / 3600, ev->duration_s / 60 % 60, ev->duration_s % 60, ev->bytes,
                ev->proto != 6 ? ""
                : event % 7    ? " TCP FINs"
                               : " TCP Reset-I");
        return;
    }
    fprintf(out, "%%ASA-6-%u: Built %s %s connection %u for outside:%s/%u (%s/%u) to inside:%s/%u (%s/%u)\n",
            ev->proto == 6 ? 302013 : 302015, outbound ? "outbound" : "inbound", name, id, foreign, foreign_port,
            foreign, foreign_port, local, local_port, outbound ? text->public : local,
            outbound ? 1024 + event_number(event, 4) % 64000 : local_port);
}

static void write_asa(FILE *out, const struct options *options, const struct event *ev, const struct line *line) {
    struct text text;
    format_addresses(&text, ev);
    write_header(out, options, line->time_ms, "asa1");
    if (ev->what != PASSED) {
        write_asa_denied(out, ev, &text);
    } else if (ev->proto == 1) {
        write_asa_icmp(out, ev, &text, line->event, line->end);
    } else {
        write_asa_session(out, ev, &text, line->event, line->end);
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

static void write_netscreen(FILE *out, const struct options *options, const struct event *ev, const struct line *line) {
    bool passed = ev->what == PASSED;
    unsigned session = event_number(line->event, 5) % 64000;
    struct text text;
    char start[32];
    struct tm tm = time_of(options, ev->time_ms);
    strftime(start, sizeof(start), "%Y-%m-%d %H:%M:%S", &tm);
    format_addresses(&text, ev);
    write_header(out, options, line->time_ms, "ns1");
    fprintf(out,
            "ns1: NetScreen device_id=ns1  [Root]system-notification-00257(traffic): start_time=\"%s\" duration=%u "
            "policy_id=%u service=%s proto=%u src zone=%s dst zone=%s action=%s sent=%u rcvd=%u src=%s dst=%s ",
            start, passed ? ev->duration_s : 0, passed ? 1 + ev->dport % 40 : 320001, netscreen_service(ev), ev->proto,
            inside(ev) ? "Trust" : "Untrust", inside(ev) ? "Untrust" : "Trust", passed ? "Permit" : "Deny",
            ev->bytes / 4, ev->bytes - ev->bytes / 4, text.src, text.dst);
    if (ev->proto == 1) {
        fprintf(out, "icmp type=8 ");
    } else {
        fprintf(out, "src_port=%u dst_port=%u ", ev->sport, ev->dport);
    }
    if (passed && inside(ev)) {
        fprintf(out, "src-xlated ip=%s port=%u dst-xlated ip=%s port=%u ", text.public,
                1024 + event_number(line->event, 4) % 64000, text.dst, ev->dport);
    }
    fprintf(out, "session_id=%u%s\n", session,
            !passed          ? ""
            : ev->proto == 6 ? " reason=Close - TCP FIN"
                             : " reason=Close - AGE OUT");
}

void device_line(FILE *out, const struct options *options, const struct traffic *traffic, const struct line *line) {
    const struct event *ev = &traffic->events[line->event];
    switch (ev->device) {
    case NETFILTER:
        write_netfilter(out, options, ev, line->event);
        break;
    case ASA:
        write_asa(out, options, ev, line);
        break;
    default:
        write_netscreen(out, options, ev, line);
    }
}
