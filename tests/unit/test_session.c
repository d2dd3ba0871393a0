/* test_session.c: which lines count as a connection; the numbers are the steps of session.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/session.h"
#include "fail_mem.h"

#define NOW   ((fw_time)1700000000000)
#define HOLD  (24 * FW_HOUR)
#define SYN   FW_TCP_SYN
#define ACK   FW_TCP_ACK
#define RST   FW_TCP_RST
#define START FW_KIND_FLOW_START
#define END   FW_KIND_FLOW_END
#define DENY  FW_KIND_FLOW_DENY

static struct fw_sessions *open_sessions(size_t bytes) {
    const struct fw_sessions_config config = {.bytes = bytes, .hold = HOLD, .seed = {{5, 6}}};
    struct fw_sessions *sessions;

    assert_int_equal(fw_sessions_open(&sessions, &config, &fw_mem_libc), 0);
    return sessions;
}

/* client 10.0.0.x:40000 + x -> server 192.0.2.1:443, logged by fw1 */
static struct fw_event flow(enum fw_kind kind, unsigned x, fw_time time) {
    struct fw_event ev = {
        .kind = kind, .time = time, .sport = (uint16_t)(40000 + x), .dport = 443, .proto = FW_PROTO_TCP};

    ev.src = (union fw_addr){.b = {[10] = 0xff, [11] = 0xff, 10, 0, (uint8_t)(x >> 8), (uint8_t)x}};
    ev.dst = (union fw_addr){.b = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}};
    ev.sensor = (struct fw_str){"fw1", 3};
    ev.sensor_number = 1;
    ev.present = FW_BIT(src) | FW_BIT(dst) | FW_BIT(sport) | FW_BIT(dport) | FW_BIT(proto) | FW_BIT(sensor);
    return ev;
}

static struct fw_event with_id(struct fw_event ev, const char *id) {
    ev.session = (struct fw_str){id, (uint32_t)strlen(id)};
    ev.present |= FW_BIT(session);
    return ev;
}

static struct fw_event with_sensor(struct fw_event ev, const char *sensor) {
    ev.sensor = (struct fw_str){sensor, (uint32_t)strlen(sensor)};
    ev.sensor_number = fw_hash(&fw_seed_fixed, sensor, strlen(sensor));
    return ev;
}

static struct fw_event with_flags(struct fw_event ev, uint8_t flags) {
    ev.tcp_flags = flags;
    ev.present |= FW_BIT(tcp_flags);
    return ev;
}

static struct fw_event without(struct fw_event ev, uint64_t bits) {
    ev.present &= ~bits;
    if ((bits & FW_BIT(sensor)) != 0)
        ev.sensor_number = 0;
    return ev;
}

static struct fw_event reversed(struct fw_event ev) {
    const union fw_addr src = ev.src;
    const uint16_t sport = ev.sport;

    ev.src = ev.dst;
    ev.dst = src;
    ev.sport = ev.dport;
    ev.dport = sport;
    return ev;
}

static struct fw_event joined(struct fw_sessions *sessions, struct fw_event ev) {
    fw_sessions_join(sessions, &ev);
    return ev;
}

static bool counts(struct fw_sessions *sessions, struct fw_event ev) {
    return joined(sessions, ev).counts;
}

static bool is_reply(struct fw_sessions *sessions, struct fw_event ev) {
    return joined(sessions, ev).reply;
}

static bool ends_logged(struct fw_sessions *sessions, struct fw_event ev) {
    return joined(sessions, ev).ends_logged;
}

static struct fw_table_stats stats_of(const struct fw_sessions *sessions) {
    struct fw_table_stats stats;

    fw_sessions_get_stats(sessions, &stats);
    return stats;
}

static void open_fails_cleanly_wherever_memory_is_missing(void **state) {
    struct fw_sessions_config config = {.bytes = 1 << 17, .hold = HOLD};
    struct fw_sessions *sessions;
    struct fail_mem mem;
    unsigned fail_at = 0;
    (void)state;

    do {
        fail_mem_init(&mem, ++fail_at);
        if (fw_sessions_open(&sessions, &config, &mem.mem) == 0)
            break;
        assert_null(sessions);
        assert_int_equal(mem.live, 0);
    } while (fail_at < 100);
    assert_true(fail_at > 3 && fail_at < 100);
    assert_true(mem.bytes <= config.bytes);
    fw_sessions_close(&sessions);
    assert_null(sessions);
    assert_int_equal(mem.live, 0);
    fw_sessions_close(&sessions);
    config.bytes = 1000;
    assert_int_equal(fw_sessions_open(&sessions, &config, &fw_mem_libc), -1);
    assert_null(sessions);
}

static void other_kinds_count_each_for_itself(void **state) { /* 1 */
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    for (int kind = FW_KIND_HTTP; kind < FW_KINDS; kind++)
        for (int i = 0; i < 2; i++) {
            struct fw_event ev = with_flags(flow((enum fw_kind)kind, 1, NOW), RST);
            ev.reply = ev.ends_logged = true;
            ev = joined(s, ev);
            assert_true(ev.counts);
            assert_false(ev.reply);
            assert_false(ev.ends_logged);
        }
    assert_int_equal(stats_of(s).held, 0);
    fw_sessions_close(&s);
}

static void a_session_counts_once_by_its_five_tuple(void **state) { /* 5, 6 */
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    assert_true(counts(s, flow(START, 1, NOW)));
    assert_false(counts(s, flow(END, 1, NOW + FW_MINUTE)));
    assert_int_equal(stats_of(s).held, 0);
    assert_true(counts(s, flow(START, 1, NOW + FW_MINUTE))); /* a new one after the end, however soon */
    fw_sessions_close(&s);
}

static void a_session_counts_once_by_its_id(void **state) { /* 5, 6 */
    static const char *const ids[] = {"1",
                                      "4711",
                                      "0123456789abcdef",
                                      "0123456789abcdef0",
                                      "0123456789abcdef0123456789abcdef",
                                      "0123456789abcdef0123456789abcdef0",
                                      "0123456789abcdef0123456789abcdef1"};
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_true(counts(s, with_id(flow(START, 1, NOW), ids[i])));
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) /* the end may lack the addresses */
        assert_false(counts(s, without(with_id(flow(END, 2, NOW), ids[i]), FW_BIT(src) | FW_BIT(sport))));
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_true(counts(s, with_id(flow(END, 1, NOW), ids[i])));
    fw_sessions_close(&s);
}

static void an_end_takes_the_direction_of_its_opening(void **state) {
    struct fw_sessions *sessions = open_sessions(1 << 20);
    (void)state;

    (void)joined(sessions, with_id(flow(START, 7, NOW), "4711"));
    struct fw_event ev = with_id(reversed(flow(END, 7, NOW + 1)), "4711");
    ev.rcvd = 900; /* of the side it calls destination */
    ev.present |= FW_BIT(rcvd);
    ev = joined(sessions, ev);
    assert_false(ev.counts);
    const struct fw_event opening = flow(START, 7, NOW);
    assert_true(fw_addr_equal(&ev.src, &opening.src));
    assert_int_equal(ev.sport, 40007);
    assert_int_equal(ev.dport, 443);
    assert_true(fw_event_has(&ev, FW_BIT(sent)));
    assert_false(fw_event_has(&ev, FW_BIT(rcvd)));
    assert_int_equal(ev.sent, 900);
    fw_sessions_close(&sessions);
}

static void ids_and_tuples_belong_to_their_sensor(void **state) {
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    assert_true(counts(s, with_id(flow(START, 1, NOW), "7")));
    assert_true(counts(s, with_id(with_sensor(flow(END, 1, NOW), "fw2"), "7")));
    assert_true(counts(s, flow(START, 1, NOW)));
    assert_true(counts(s, with_sensor(flow(END, 1, NOW), "fw2")));
    assert_true(counts(s, without(flow(END, 1, NOW), FW_BIT(sensor))));
    assert_false(counts(s, flow(END, 1, NOW)));
    assert_false(counts(s, with_id(flow(END, 1, NOW), "7")));
    assert_true(counts(s, without(flow(START, 1, NOW + 1), FW_BIT(sensor))));
    assert_false(counts(s, without(flow(END, 1, NOW + 1), FW_BIT(sensor))));
    fw_sessions_close(&s);
}

static void where_only_one_of_the_two_is_logged_that_one_counts(void **state) { /* 5, 6 */
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    for (unsigned i = 0; i < 10; i++) {
        assert_true(counts(s, flow(START, i, NOW)));
        assert_true(counts(s, with_sensor(flow(END, i, NOW), "ends only")));
        assert_true(counts(s, with_sensor(flow(END, i, NOW), "ends only")));
    }
    assert_int_equal(stats_of(s).held, 10); /* ends are not remembered */
    fw_sessions_close(&s);
}

/* Workers side by side hand over lines out of order. */
static void an_end_that_comes_before_its_start_is_the_same_session(void **state) { /* 5, 6 */
    struct fw_sessions *sessions = open_sessions(1 << 20);
    struct fw_event end = with_id(flow(END, 1, NOW + 2 * FW_SECOND), "4711");
    struct fw_event start = with_id(flow(START, 1, NOW), "4711");
    struct fw_event later = with_id(flow(START, 1, NOW + FW_MINUTE), "4711");
    struct fw_event its_end = with_id(flow(END, 1, NOW + 2 * FW_MINUTE), "4711");

    (void)state;
    fw_sessions_join(sessions, &end);
    assert_true(end.counts);
    fw_sessions_join(sessions, &start);
    assert_false(start.counts);
    fw_sessions_join(sessions, &later); /* the number was given again */
    assert_true(later.counts);
    fw_sessions_join(sessions, &its_end);
    assert_false(its_end.counts);
    end = with_id(flow(END, 2, NOW), "12");
    later = with_id(flow(START, 2, NOW + 1), "12");
    fw_sessions_join(sessions, &end); /* of one whose start was lost */
    fw_sessions_join(sessions, &later);
    assert_true(later.counts);
    fw_sessions_close(&sessions);
}

static void a_denied_line_counts_and_is_not_remembered(void **state) { /* 2 */
    struct fw_sessions *s = open_sessions(1 << 20);
    struct fw_event denied = flow(START, 1, NOW);
    (void)state;

    assert_true(counts(s, flow(DENY, 1, NOW)));
    assert_true(counts(s, flow(DENY, 1, NOW)));
    denied.action = FW_ACTION_DENY;
    denied.present |= FW_BIT(action);
    assert_true(counts(s, denied));
    assert_true(counts(s, denied));
    assert_true(counts(s, with_flags(flow(DENY, 1, NOW), RST)));
    assert_int_equal(stats_of(s).held, 0);
    fw_sessions_close(&s);
}

static void the_same_flow_again_within_a_minute_is_one_session(void **state) { /* 5 */
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    assert_true(counts(s, flow(START, 1, NOW)));
    assert_false(counts(s, flow(START, 1, NOW + FW_MINUTE)));
    assert_false(counts(s, flow(START, 1, NOW + 2 * FW_MINUTE))); /* a minute since it was last heard */
    assert_true(counts(s, flow(START, 1, NOW + 3 * FW_MINUTE + 1)));
    assert_false(counts(s, flow(START, 1, NOW + 3 * FW_MINUTE - 5))); /* out of order */
    assert_true(counts(s, flow(START, 2, NOW)));
    fw_sessions_close(&s);
}

static void lines_that_cannot_be_joined_count(void **state) { /* 4 */
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    for (int i = 0; i < 2; i++) {
        assert_true(counts(s, without(flow(START, 1, NOW), FW_BIT(dst))));
        assert_true(
            counts(s, without(flow(START, 1, NOW), FW_BIT(sport)))); /* without it a scan would be one session */
        assert_true(counts(s, without(flow(START, 1, NOW), FW_BIT(sport) | FW_BIT(dport) | FW_BIT(proto))));
        assert_true(counts(s, with_id(without(flow(START, 1, NOW), FW_BIT(src)), "")));
    }
    assert_int_equal(stats_of(s).held, 0);
    fw_sessions_close(&s);
}

static void protocols_without_ports_are_joined_by_their_addresses(void **state) {
    struct fw_sessions *s = open_sessions(1 << 20);
    struct fw_event ping = without(flow(START, 1, NOW), FW_BIT(sport) | FW_BIT(dport));
    (void)state;

    ping.proto = FW_PROTO_ICMP;
    assert_true(counts(s, ping));
    ping.sport = 99; /* what is absent is not looked at */
    assert_false(counts(s, ping));
    ping.kind = END;
    assert_false(counts(s, ping));
    fw_sessions_close(&s);
}

static void a_session_held_too_long_is_forgotten(void **state) {
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    counts(s, flow(END, 9, NOW)); /* a device that logs ends */
    counts(s, flow(START, 1, NOW));
    counts(s, flow(START, 2, NOW));
    assert_false(counts(s, flow(END, 1, NOW + HOLD)));
    assert_true(counts(s, flow(END, 2, NOW + HOLD + 1)));
    counts(s, flow(START, 3, NOW)); /* the clock was set back by more */
    assert_true(counts(s, flow(END, 3, NOW - HOLD - 1)));
    fw_sessions_close(&s);
}

static void a_syn_in_a_packet_log_is_not_remembered_but_known_again(void **state) { /* 7 */
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    assert_true(counts(s, with_flags(flow(START, 1, NOW), SYN)));
    assert_false(counts(s, with_flags(flow(START, 1, NOW + 3000), SYN)));
    assert_true(counts(s, with_flags(flow(START, 2, NOW), SYN)));
    assert_true(counts(s, with_flags(flow(START, 1, NOW + 3 * FW_MINUTE), SYN)));
    assert_int_equal(stats_of(s).held, 0);
    counts(s, flow(END, 9, NOW)); /* from here on this device logs ends */
    assert_true(counts(s, with_flags(flow(START, 3, NOW), SYN)));
    assert_int_equal(stats_of(s).held, 1);
    assert_false(counts(s, flow(END, 3, NOW + 1000)));
    fw_sessions_close(&s);
}

static void a_clock_that_was_set_back_parts_no_session(void **state) {
    struct fw_sessions *s = open_sessions(1 << 20);
    const fw_time day = 24 * FW_HOUR;
    (void)state;

    assert_true(counts(s, flow(START, 1, NOW)));
    assert_true(counts(s, flow(START, 2, NOW - FW_MINUTE)));
    fw_sessions_shift(s, NOW - 1, -2 * day); /* the first only */
    assert_false(counts(s, flow(END, 1, NOW - 2 * day + FW_SECOND)));
    assert_false(counts(s, flow(END, 2, NOW)));
    fw_sessions_close(&s);
}

static void without_ends_a_session_is_held_for_minutes_only(void **state) {
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    counts(s, flow(START, 1, NOW));
    counts(s, flow(START, 2, NOW));
    assert_false(counts(s, flow(END, 1, NOW + 10 * FW_MINUTE)));
    assert_true(counts(s, flow(END, 2, NOW + 10 * FW_MINUTE + 1)));
    fw_sessions_close(&s);
}

static void forgotten_sessions_make_room_before_living_ones_go(void **state) {
    struct fw_sessions *s = open_sessions(144 << 10);
    unsigned capacity = 0;
    (void)state;

    while (stats_of(s).evicted == 0)
        counts(s, flow(START, capacity++, NOW));
    capacity--;
    for (unsigned i = 0; i < capacity; i++)
        counts(s, flow(START, 10000 + i, NOW + HOLD + 1));
    assert_int_equal(stats_of(s).evicted, 1);
    assert_int_equal(stats_of(s).held, capacity);
    counts(s, flow(START, 30000, NOW + HOLD + 1));
    assert_int_equal(stats_of(s).evicted, 2);
    assert_true(counts(s, flow(END, 10000, NOW + HOLD + 1))); /* the oldest of those was the one to go */
    assert_false(counts(s, flow(END, 10001, NOW + HOLD + 1)));
    fw_sessions_close(&s);
}

static void flags_of_an_answer_make_a_reply(void **state) { /* reply 1 */
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    assert_false(is_reply(s, flow(DENY, 1, NOW)));
    assert_false(is_reply(s, with_flags(flow(DENY, 1, NOW), SYN)));
    assert_false(is_reply(s, with_flags(flow(DENY, 1, NOW), ACK)));
    assert_false(is_reply(s, with_flags(flow(DENY, 1, NOW), 0)));
    assert_true(is_reply(s, with_flags(flow(DENY, 1, NOW), RST)));
    assert_true(is_reply(s, with_flags(flow(DENY, 1, NOW), RST | ACK)));
    assert_true(is_reply(s, with_flags(flow(DENY, 1, NOW), SYN | ACK)));
    assert_true(is_reply(s, with_flags(flow(START, 1, NOW), SYN | ACK)));
    assert_false(is_reply(s, with_flags(flow(END, 1, NOW), SYN | ACK | RST))); /* those of the whole session */
    fw_sessions_close(&s);
}

static void ack_from_a_servers_port_is_a_reply(void **state) { /* reply 2 */
    struct fw_sessions *s = open_sessions(1 << 20);
    struct fw_event ev = with_flags(reversed(flow(DENY, 1, NOW)), ACK);
    (void)state;

    assert_true(is_reply(s, ev));
    assert_false(is_reply(s, with_flags(ev, SYN)));
    assert_false(is_reply(s, with_flags(ev, FW_TCP_FIN)));
    ev.sport = 1024;
    assert_false(is_reply(s, ev));
    ev.sport = 1023;
    assert_true(is_reply(s, ev));
    ev.dport = 1023;
    assert_false(is_reply(s, ev));
    ev.dport = 1024;
    assert_true(is_reply(s, ev));
    assert_false(is_reply(s, without(ev, FW_BIT(dport))));
    fw_sessions_close(&s);
}

static void the_reverse_of_a_remembered_flow_is_a_reply_and_no_connection(void **state) { /* reply 3; 3 */
    struct fw_sessions *s = open_sessions(1 << 20);
    struct fw_event query = flow(START, 1, NOW), answer;
    (void)state;

    query.proto = FW_PROTO_UDP;
    query.dport = 53;
    answer = reversed(query);
    assert_false(is_reply(s, answer)); /* nobody asked yet; as a start it is remembered itself */
    joined(s, query);
    answer = joined(s, answer);
    assert_true(answer.reply);
    assert_false(answer.counts);
    answer = reversed(query);
    answer.kind = DENY;
    answer = joined(s, answer);
    assert_true(answer.reply);
    assert_true(answer.counts);
    answer.time += HOLD + 1;
    assert_false(is_reply(s, answer));
    fw_sessions_close(&s);
}

static void a_denied_flow_has_no_replies(void **state) {
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    joined(s, flow(DENY, 1, NOW));
    assert_false(is_reply(s, reversed(flow(START, 1, NOW))));
    fw_sessions_close(&s);
}

static void a_sensor_that_logged_an_end_is_known_for_it(void **state) {
    struct fw_sessions *s = open_sessions(1 << 20);
    (void)state;

    assert_false(ends_logged(s, flow(START, 1, NOW)));
    assert_true(ends_logged(s, flow(END, 1, NOW)));
    assert_true(ends_logged(s, flow(START, 2, NOW)));
    assert_true(ends_logged(s, flow(DENY, 2, NOW)));
    assert_false(ends_logged(s, with_sensor(flow(START, 1, NOW), "fw2")));
    assert_false(ends_logged(s, without(flow(START, 1, NOW), FW_BIT(sensor))));
    fw_sessions_close(&s);
}

static void ends_of_pings_are_another_matter(void **state) {
    struct fw_sessions *s = open_sessions(1 << 20);
    struct fw_event ping = flow(START, 1, NOW);
    (void)state;

    ping.proto = FW_PROTO_ICMP;
    assert_true(ends_logged(s, flow(END, 2, NOW)));
    assert_false(ends_logged(s, ping));
    ping.kind = END;
    assert_true(ends_logged(s, ping));
    ping.kind = START;
    assert_true(ends_logged(s, ping));
    fw_sessions_close(&s);
}

static void of_too_many_sensors_the_least_recently_used_is_forgotten(void **state) {
    struct fw_sessions *s = open_sessions(1 << 20);
    char name[8] = "s000";
    (void)state;

    for (unsigned i = 0; i < 256; i++) {
        name[1] = (char)('0' + i / 100), name[2] = (char)('0' + i / 10 % 10), name[3] = (char)('0' + i % 10);
        ends_logged(s, with_sensor(flow(END, i, NOW), name));
    }
    assert_true(ends_logged(s, with_sensor(flow(DENY, 1, NOW), "s000"))); /* used */
    ends_logged(s, with_sensor(flow(END, 1, NOW), "one more"));
    assert_true(ends_logged(s, with_sensor(flow(DENY, 1, NOW), "s000")));
    assert_false(ends_logged(s, with_sensor(flow(DENY, 1, NOW), "s001")));
    assert_true(ends_logged(s, with_sensor(flow(DENY, 1, NOW), "one more")));
    fw_sessions_close(&s);
}

static void a_flood_is_bounded_and_counted(void **state) {
    struct fw_sessions *s = open_sessions(3 << 16);
    (void)state;

    for (unsigned i = 0; i < 20000; i++)
        assert_true(counts(s, flow(START, i, NOW + i)));
    assert_int_equal(stats_of(s).held + stats_of(s).evicted, 20000);
    assert_true(stats_of(s).held > 800);
    assert_true(counts(s, flow(END, 0, NOW)));
    assert_false(counts(s, flow(END, 19999, NOW)));
    fw_sessions_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_fails_cleanly_wherever_memory_is_missing),
        cmocka_unit_test(other_kinds_count_each_for_itself),
        cmocka_unit_test(a_session_counts_once_by_its_five_tuple),
        cmocka_unit_test(a_session_counts_once_by_its_id),
        cmocka_unit_test(an_end_takes_the_direction_of_its_opening),
        cmocka_unit_test(ids_and_tuples_belong_to_their_sensor),
        cmocka_unit_test(where_only_one_of_the_two_is_logged_that_one_counts),
        cmocka_unit_test(an_end_that_comes_before_its_start_is_the_same_session),
        cmocka_unit_test(a_denied_line_counts_and_is_not_remembered),
        cmocka_unit_test(the_same_flow_again_within_a_minute_is_one_session),
        cmocka_unit_test(lines_that_cannot_be_joined_count),
        cmocka_unit_test(protocols_without_ports_are_joined_by_their_addresses),
        cmocka_unit_test(a_session_held_too_long_is_forgotten),
        cmocka_unit_test(a_syn_in_a_packet_log_is_not_remembered_but_known_again),
        cmocka_unit_test(a_clock_that_was_set_back_parts_no_session),
        cmocka_unit_test(without_ends_a_session_is_held_for_minutes_only),
        cmocka_unit_test(forgotten_sessions_make_room_before_living_ones_go),
        cmocka_unit_test(flags_of_an_answer_make_a_reply),
        cmocka_unit_test(ack_from_a_servers_port_is_a_reply),
        cmocka_unit_test(the_reverse_of_a_remembered_flow_is_a_reply_and_no_connection),
        cmocka_unit_test(a_denied_flow_has_no_replies),
        cmocka_unit_test(a_sensor_that_logged_an_end_is_known_for_it),
        cmocka_unit_test(ends_of_pings_are_another_matter),
        cmocka_unit_test(of_too_many_sensors_the_least_recently_used_is_forgotten),
        cmocka_unit_test(a_flood_is_bounded_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
