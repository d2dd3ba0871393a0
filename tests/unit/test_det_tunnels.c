/* icmp_tunnel, dns_tunnel and vpn_tunnel, step by step: the numbers are those of their files. */
#include "lists.h"

static struct fw_event ping(fw_time time, const char *src, const char *dst, uint64_t sent, uint64_t rcvd,
                            fw_time lasted) {
    struct fw_event ev = {.kind = FW_KIND_FLOW_END, .time = time, .src = addr(src), .dst = addr(dst)};
    ev.proto = FW_PROTO_ICMP;
    ev.sent = sent;
    ev.rcvd = rcvd;
    ev.duration = (uint64_t)lasted;
    ev.present = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(duration);
    return ev;
}

static void icmp_step1_only_echo_from_or_to_a_machine_inside(void **state) {
    struct fixture *f = fixture_open("icmp_tunnel", FW_ROLE_BIT(nms), 0);
    (void)state;
    struct fw_event ev = ping(T0, "203.0.113.1", "203.0.113.2", 50000, 40000, 100 * FW_SECOND);
    feed(f, &ev);
    ev = ping(T0, "10.1.4.23", "203.0.113.2", 50000, 40000, 100 * FW_SECOND);
    ev.icmp_type = 3; /* unreachable */
    ev.present |= FW_BIT(icmp_type);
    feed(f, &ev);
    ev = ping(T0, "10.9.9.9", "203.0.113.2", 50000, 40000, 100 * FW_SECOND); /* monitoring */
    feed(f, &ev);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void icmp_step3_pings_are_pings(void **state) {
    struct fixture *f = fixture_open("icmp_tunnel", 0, 0);
    (void)state;
    struct fw_event ev = ping(T0, "10.1.4.23", "203.0.113.2", 600 * 84, 598 * 84, 600 * FW_SECOND); /* ten minutes */
    feed(f, &ev);
    ev = ping(T0 + 1, "10.1.4.24", "203.0.113.2", 10 * 1500, 10 * 1500, 10 * FW_SECOND); /* a large one, answered */
    feed(f, &ev);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void icmp_step5_two_signs(void **state) {
    struct fixture *f = fixture_open("icmp_tunnel", 0, 0);
    (void)state;
    struct fw_event ev = ping(T0, "10.1.4.23", "203.0.113.2", 15000, 14000, 107 * FW_SECOND);
    feed(f, &ev);
    assert_int_equal(f->count, 1);
    assert_text(f, 0,
                "icmp_tunnel open: 10.1.4.23 and 203.0.113.2 moved data in pings: 15000 bytes there, 14000 back in 107 "
                "s, faster than pings, answers unlike the questions");
    assert_json_has(f, 0, "\"degraded\":[\"packets\"]");
    fixture_close(f);
}

static void icmp_step5_packets_of_a_stateless_log(void **state) {
    struct fixture *f = fixture_open("icmp_tunnel", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 40; i++) { /* twenty answered packets of 700 bytes in ten seconds */
        struct fw_event ev = ping(T0 + i * 250, i % 2 == 0 ? "10.1.4.23" : "203.0.113.2",
                                  i % 2 == 0 ? "203.0.113.2" : "10.1.4.23", 0, 0, 0);
        ev.kind = FW_KIND_FLOW_START;
        ev.length = 700;
        ev.icmp_type = i % 2 == 0 ? 8 : 0;
        ev.present = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(length) | FW_BIT(icmp_type);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "faster than pings, in large packets");
    assert_json_has(f, 0, "\"source\":{\"ip\":\"10.1.4.23\"}");
    assert_json_has(f, 0, "\"degraded\":[\"rcvd\"]");
    fixture_close(f);
}

static void ask(struct fixture *f, fw_time time, const char *src, const char *name, const char *type) {
    struct fw_event ev = {.kind = FW_KIND_DNS, .time = time, .src = addr(src)};
    ev.query = (struct fw_str){name, (uint32_t)strlen(name)};
    ev.qtype = (struct fw_str){type, (uint32_t)strlen(type)};
    ev.present = FW_BIT(src) | FW_BIT(query) | FW_BIT(qtype);
    feed(f, &ev);
}

static void dns_step3_names_that_carry(void **state) {
    struct fixture *f = fixture_open("dns_tunnel", FW_ROLE_BIT(dns_server), 0);
    char name[128];
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "%040xDATA%016x.t.example.net.", i, i * i);
        ask(f, T0 + i * FW_SECOND, "10.1.4.23", name, i % 3 == 0 ? "A" : "TXT");
        ask(f, T0 + i * FW_SECOND, "10.9.9.9", name, "TXT"); /* the resolver asks for others */
        ask(f, T0 + i * FW_SECOND, "203.0.113.9", name, "TXT");
    }
    assert_int_equal(f->count, 1);
    assert_text(
        f, 0,
        "dns_tunnel open: 10.1.4.23 asked for 67 different names below example.net in 66 s, 4154 bytes of them in "
        "the last 60 min");
    assert_json_has(f, 0, "\"domain\":\"example.net\"");
    assert_json_has(f, 0, "\"stage\":2");
    assert_json_has(f, 0, "\"key\":\"dns_tunnel|10.1.4.23|example.net\"");
    fixture_close(f);
}

static void dns_step1_what_is_known_is_no_tunnel(void **state) {
    struct fixture *f = fixture_open("dns_tunnel", 0, 0);
    char name[160];
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 300; i++) {
        const fw_time t = T0 + i * FW_SECOND;
        (void)snprintf(name, sizeof name, "%040x.eu-central-1.cloud.example", i * 77777);
        ask(f, t, "10.1.4.23", name, "A");
        (void)snprintf(name, sizeof name, "%040x.w.10.updates.example", i * 77777);
        ask(f, t, "10.1.4.23", name, "TXT");
        (void)snprintf(name, sizeof name,
                       "%x.%x.%x.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example.org", i % 16,
                       i / 16 % 16, i / 256);
        ask(f, t, "10.1.4.23", name, "TXT");
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

/* Names as the tools write them while they wait, or while data comes in: short. */
static void dns_step4_answers_that_carry(void **state) {
    static const struct {
        const char *before, *after, *type;
        unsigned needs;
    } tools[] = {{"DTcA", "BA.d.example.net", "TXT", 64}, /* dns2tcp */
                 {"paby", ".t.example.net", "NULL", 64},  /* iodine */
                 {"paby", ".t.example.net", "type=65399", 64},
                 {"0a1201a7c30001", ".example.net", "MX", 64}, /* dnscat2 */
                 {"paby", ".t.example.net", "A", 0}};          /* it says too little */
    (void)state;
    for (size_t n = 0; n < sizeof tools / sizeof *tools; n++) {
        struct fixture *f = fixture_open("dns_tunnel", 0, 0);
        char name[128];
        for (unsigned i = 0; i < 200; i++) {
            (void)snprintf(name, sizeof name, "%s%04u%s", tools[n].before, i, tools[n].after);
            ask(f, T0 + i * FW_SECOND, "10.1.4.23", name, tools[n].type);
            if (i + 1 < tools[n].needs)
                assert_int_equal(f->count, 0);
        }
        assert_int_equal(f->count > 0, tools[n].needs > 0);
        if (tools[n].needs > 0) {
            assert_json_has(f, 0,
                            "asked for 64 different names below example.net in 63 s, most of them with types that");
            assert_json_has(f, 0, "\"stage\":2");
            assert_json_has(f, 0, "\"name\":\"names\",\"value\":64,\"threshold\":64");
        }
        fixture_close(f);
    }
}

static void dns_step4_texts_of_many_domains_are_a_mail_filter(void **state) {
    struct fixture *f = fixture_open("dns_tunnel", 0, 0);
    char name[128];
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof name, "s%u._domainkey.firm%u.com", i % 3, i);
        ask(f, T0 + i * FW_SECOND, "10.1.4.23", name, "TXT");
        (void)snprintf(name, sizeof name, "host%u.shop.example.com", i); /* many, and few of these for texts */
        ask(f, T0 + i * FW_SECOND, "10.1.4.23", name, i % 3 == 0 ? "TXT" : "A");
        (void)snprintf(name, sizeof name, "_ldap._tcp.site%u._sites.dc._msdcs.ad.example.org", i % 40);
        ask(f, T0 + i * FW_SECOND, "10.1.4.23", name, "SRV");
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void dns_step3_look_alikes(void **state) {
    struct fixture *f = fixture_open("dns_tunnel", 0, 0);
    char name[128];
    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        const fw_time t = T0 + i * FW_SECOND;
        (void)snprintf(name, sizeof name, "%u.%u.168.192.in-addr.arpa", i % 250, i / 250);
        ask(f, t, "10.1.4.23", name, "PTR");
        (void)snprintf(name, sizeof name, "%u.%u.51.198.zen.lists.example.org", i % 250, i / 250);
        ask(f, t, "10.1.4.23", name, "A");
        (void)snprintf(name, sizeof name, "r%u---sn-4g5e6n.cdn.example.com", i); /* many, and short */
        ask(f, t, "10.1.4.23", name, "A");
        (void)snprintf(name, sizeof name, "a-rather-long-name-of-one-service-%u.shop.example.co.uk", i % 20);
        ask(f, t, "10.1.4.23", name, "A"); /* few, again and again */
        (void)snprintf(name, sizeof name, "www.a-site-that-somebody-visited-today-%u.com", i);
        ask(f, t, "10.1.4.23", name, "A");
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void dns_step5_a_session_that_stays(void **state) {
    struct fixture *f = fixture_open("dns_tunnel", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_END, T0 + i, host("10.1", i), "203.0.113.53", FW_PROTO_UDP, i == 2 ? 123 : 53);
        ev.duration = i == 0 ? 30000 : 700000;
        ev.sent = 40000;
        ev.rcvd = 50000;
        ev.present |= FW_BIT(duration) | FW_BIT(sent) | FW_BIT(rcvd);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    assert_text(f, 0,
                "dns_tunnel open: 10.1.0.2 had a session of 11 min with 203.0.113.53 on port 53, 40000 bytes out and "
                "50000 in");
    fixture_close(f);
}

static void use(struct fixture *f, fw_time time, enum fw_kind kind, const char *src, const char *dst, uint8_t proto,
                uint16_t port, uint64_t rcvd) {
    struct fw_event ev = flow(kind, time, src, dst, proto, port);
    ev.sport = (uint16_t)(30000 + time / 1000 % 20000);
    if (proto != FW_PROTO_TCP && proto != FW_PROTO_UDP)
        ev.present &= ~(FW_BIT(dport) | FW_BIT(sport));
    if (kind == FW_KIND_FLOW_END) {
        ev.rcvd = rcvd;
        ev.sent = 300;
        ev.present |= FW_BIT(sent) | FW_BIT(rcvd);
    }
    feed(f, &ev);
}

static void vpn_step2_a_protocol_of_its_own(void **state) {
    struct fixture *f = fixture_open("vpn_tunnel", 0, 0);
    (void)state;
    with_lists(f, FW_ROLE_BIT(vpn_gateway));
    use(f, T0, FW_KIND_FLOW_END, "10.9.9.9", "203.0.113.1", 50, 0, 0); /* the gateway */
    use(f, T0, FW_KIND_FLOW_END, "10.1.4.23", "203.0.113.1", 47, 0, 0);
    use(f, T0 + 1, FW_KIND_FLOW_END, "10.1.4.23", "203.0.113.1", 50, 0, 0);
    assert_int_equal(f->count, 2);
    assert_text(f, 0, "vpn_tunnel open: 10.1.4.23 uses GRE: to 203.0.113.1 (ip/47)");
    assert_text(f, 1, "vpn_tunnel open: 10.1.4.23 uses IPsec: to 203.0.113.1 (ip/50)");
    for (unsigned i = 2; i < 200; i++) /* first use is told, the rest is not */
        use(f, T0 + i * 4 * FW_MINUTE, FW_KIND_FLOW_END, "10.1.4.23", "203.0.113.1", 50, 0, 0);
    assert_int_equal(f->count, 2);
    fixture_close(f);
}

static void vpn_step3_a_port_needs_an_answer(void **state) {
    struct fixture *f = fixture_open("vpn_tunnel", 0, 0);
    (void)state;
    with_lists(f, 0);
    use(f, T0, FW_KIND_FLOW_END, "10.1.4.23", "203.0.113.1", FW_PROTO_UDP, 51820, 0);
    use(f, T0, FW_KIND_FLOW_END, "10.1.4.23", "203.0.113.1", FW_PROTO_TCP, 1723, 40); /* a reset */
    assert_int_equal(f->count, 0);
    use(f, T0 + 1000, FW_KIND_FLOW_END, "10.1.4.23", "203.0.113.1", FW_PROTO_UDP, 51820, 148);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "vpn_tunnel open: 10.1.4.23 uses WireGuard: to 203.0.113.1 (udp/51820)");
    for (unsigned i = 0; i < 3; i++) /* another device, which logs no more than this */
        use(f, T0 + 2000 * (i + 2), FW_KIND_FLOW_DENY, "10.1.4.24", "203.0.113.1", FW_PROTO_UDP, 1194, 0);
    assert_int_equal(f->count, 2);
    assert_text(f, 1, "vpn_tunnel open: 10.1.4.24 tries to use OpenVPN: to 203.0.113.1 (udp/1194)");
    for (unsigned i = 0; i < 30; i++)
        use(f, T0 + 9000 + i, FW_KIND_FLOW_DENY, "203.0.113.9", host("10.2", i), FW_PROTO_TCP, 5555, 0);
    assert_int_equal(f->count, 2);
    fixture_close(f);
}

static void vpn_step1_keep_alives_of_softether(void **state) {
    struct fixture *f = fixture_open("vpn_tunnel", 0, 0);
    (void)state;
    with_lists(f, 0);
    use(f, T0, FW_KIND_FLOW_END, "10.1.4.24", "198.51.100.6", FW_PROTO_UDP, 5004, 500); /* a telephone's voice */
    ask(f, T0, "10.1.4.24", "www.softether.org", "A");
    ask(f, T0, "10.1.4.24", "notsoftether.net", "A");
    assert_int_equal(f->count, 0);
    ask(f, T0 + 1000, "10.1.4.23", "x3.x7.dev.servers.NAT-traversal.softether-network.net.", "A");
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "10.1.4.23 uses SoftEther VPN: it asked for x3.x7");
    use(f, T0 + 2000, FW_KIND_FLOW_END, "10.1.4.25", "130.158.6.113", FW_PROTO_UDP, 5004, 692);
    assert_int_equal(f->count, 2);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(icmp_step1_only_echo_from_or_to_a_machine_inside),
        cmocka_unit_test(icmp_step3_pings_are_pings),
        cmocka_unit_test(icmp_step5_two_signs),
        cmocka_unit_test(icmp_step5_packets_of_a_stateless_log),
        cmocka_unit_test(dns_step1_what_is_known_is_no_tunnel),
        cmocka_unit_test(dns_step3_names_that_carry),
        cmocka_unit_test(dns_step3_look_alikes),
        cmocka_unit_test(dns_step4_answers_that_carry),
        cmocka_unit_test(dns_step4_texts_of_many_domains_are_a_mail_filter),
        cmocka_unit_test(dns_step5_a_session_that_stays),
        cmocka_unit_test(vpn_step2_a_protocol_of_its_own),
        cmocka_unit_test(vpn_step3_a_port_needs_an_answer),
        cmocka_unit_test(vpn_step1_keep_alives_of_softether),
    };
    return cmocka_run_group_tests_name("det_tunnels", tests, NULL, NULL);
}
