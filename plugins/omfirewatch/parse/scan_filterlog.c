/* scan_filterlog.c: pfSense and OPNsense, the packets of pf as filterlog writes them.
 *
 *   82,,,1000002666,igb1,match,block,in,4,0x0,,63,4711,0,DF,6,tcp,60,192.0.2.10,198.51.100.1,40001,23,0,S,1234,,64240,,mss
 *
 * After Netgate's "Raw Filter Log Format" and OPNsense's filterlog. Rules:
 *  1. What stands in front of the IP version is the same for both; then each has its own columns up to the addresses.
 *  2. Only block, reject and pass are packets; nat, rdr and scrub say nothing more.
 *  3. A later fragment has no ports and says nothing new: ignored.
 *  4. pf keeps state, so a packet that was passed opened a session; its end is not logged.
 * Who sends packets chooses the numbers, not one letter.
 */
#include "scan.h"
#include "scan_csv.h"
#include "scan_word.h"

enum {
    ACTION = 6,
    VERSION = 8,
    V4_OFFSET = 13,
    V4_PROTO = 15,
    V4_REST = 20,
    V6_PROTO = 13,
    V6_REST = 17,
    COLUMNS = 32
};

static const struct fw_csv_column both[] = {{3, FW_KV_FIELD, FW_F_rule}, {4, FW_KV_FIELD, FW_F_in_if}};
static const struct fw_csv_column v4[] = {
    {11, FW_KV_FIELD, FW_F_ttl},    {12, FW_KV_FIELD, FW_F_ip_id}, {15, FW_KV_FIELD, FW_F_proto},
    {17, FW_KV_FIELD, FW_F_length}, {18, FW_KV_FIELD, FW_F_src},   {19, FW_KV_FIELD, FW_F_dst},
};
/* the payload's length only: an IPv6 packet's own is not there */
static const struct fw_csv_column v6[] = {
    {11, FW_KV_FIELD, FW_F_ttl},
    {13, FW_KV_FIELD, FW_F_proto},
    {15, FW_KV_FIELD, FW_F_src},
    {16, FW_KV_FIELD, FW_F_dst},
};
static const struct fw_csv_column udp[] = {{0, FW_KV_FIELD, FW_F_sport}, {1, FW_KV_FIELD, FW_F_dport}};
static const struct fw_csv_column tcp[] = {
    {0, FW_KV_FIELD, FW_F_sport},
    {1, FW_KV_FIELD, FW_F_dport},
    {3, FW_KV_TRY, FW_F_tcp_flags},
    {6, FW_KV_FIELD, FW_F_window},
};
#define PUT(table, columns, n) fw_csv_put(table, sizeof(table) / sizeof *(table), columns, n, ev)

static void put_icmp_type(struct fw_event *ev, const struct fw_str *word) {
    static const struct {
        const char *word;
        uint8_t type;
    } types[] = {{"reply", 0},      {"unreach", 3},    {"redirect", 5}, {"request", 8},
                 {"timexceed", 11}, {"paramprob", 12}, {"tstamp", 13},  {"tstampreply", 14}};

    if (ev->proto != FW_PROTO_ICMP)
        return;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!fw_word_is(word, types[i].word) && !(types[i].type == 3 && fw_word_begins(word, "unreach")))
            continue;
        ev->icmp_type = types[i].type;
        ev->present |= FW_BIT(icmp_type);
    }
}

static enum fw_parse_result put_rest(struct fw_event *ev, const struct fw_str *c, size_t n) {
    if (ev->proto == FW_PROTO_TCP)
        return n < 4 ? FW_PARSE_REFUSED : PUT(tcp, c, n);
    if (ev->proto == FW_PROTO_UDP)
        return n < 3 ? FW_PARSE_REFUSED : PUT(udp, c, n);
    if (n != 0)
        put_icmp_type(ev, &c[0]);
    return FW_PARSE_EVENT;
}

enum fw_parse_result fw_scan_filterlog(const char *content, size_t len, struct fw_event *ev) {
    struct fw_str c[COLUMNS];
    const size_t n = fw_csv_split(content, content + len, c, COLUMNS);

    if (n <= V6_REST)
        return FW_PARSE_UNPARSED;
    const bool is_v4 = fw_word_is(&c[VERSION], "4");

    if (!is_v4 && !fw_word_is(&c[VERSION], "6"))
        return FW_PARSE_UNPARSED;
    if (!fw_word_among(&c[ACTION], "block reject pass")) /* 2 */
        return FW_PARSE_IGNORED;
    fw_word_put_action(ev, fw_word_action(&c[ACTION]));
    if (PUT(both, c, n) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    if (!is_v4)
        return PUT(v6, c, n) != FW_PARSE_EVENT ? FW_PARSE_REFUSED : put_rest(ev, c + V6_REST, n - V6_REST);
    if (n < V4_REST || PUT(v4, c, n) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    if (c[V4_OFFSET].len != 0 && !fw_word_is_nothing(&c[V4_OFFSET])) /* 3 */
        return FW_PARSE_IGNORED;
    return put_rest(ev, c + V4_REST, n - V4_REST);
}
