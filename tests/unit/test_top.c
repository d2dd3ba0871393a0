/* test_top.c: what came most often; exact while there is room, bounded beyond. */
#include "fixture.h"

#include "cli/top.c" /* the command is a program, not a library */

static struct fw_top_key peer(unsigned n) {
    return (struct fw_top_key){.addr = addr(host("192.168", n)), .proto = -1, .port = -1};
}

static void add(struct fw_top *top, struct fw_top_key key, unsigned times) {
    while (times-- > 0)
        fw_top_add(top, &key);
}

static void up_to_its_slots_it_is_exact(void **state) {
    static struct fw_top top;

    (void)state;
    for (unsigned n = 0; n < FW_TOP_SLOTS; n++)
        add(&top, peer(n), n + 1);
    fw_top_sort(&top);
    assert_false(top.full);
    assert_int_equal(top.used, FW_TOP_SLOTS);
    for (unsigned n = 0; n < FW_TOP_SLOTS; n++) {
        assert_int_equal(top.slot[n].count, FW_TOP_SLOTS - n);
        assert_int_equal(top.slot[n].over, 0);
    }
    add(&top, peer(0), 300); /* adding goes on after it was sorted */
    fw_top_sort(&top);
    assert_int_equal(top.slot[0].count, 301);
}

static void protocol_and_port_tell_services_apart(void **state) {
    static struct fw_top top;

    (void)state;
    add(&top, (struct fw_top_key){.proto = FW_PROTO_UDP, .port = 53}, 2);
    add(&top, (struct fw_top_key){.proto = FW_PROTO_TCP, .port = 53}, 2);
    add(&top, (struct fw_top_key){.proto = FW_PROTO_TCP, .port = 22}, 2);
    fw_top_sort(&top);
    assert_int_equal(top.used, 3);
    assert_int_equal(top.slot[0].key.port, 22); /* of equals the smallest is first, whatever came first */
    assert_int_equal(top.slot[1].key.proto, FW_PROTO_TCP);
    assert_int_equal(top.slot[2].key.proto, FW_PROTO_UDP);
}

static void beyond_a_count_is_never_too_low_and_over_tells_by_how_much_it_may_be_high(void **state) {
    static struct fw_top top;
    const struct fw_top_key often = peer(7);

    (void)state;
    for (unsigned round = 0; round < 100; round++) {
        add(&top, often, 10);
        for (unsigned n = 0; n < 10; n++)
            add(&top, peer(1000 + round * 10 + n), 1); /* a thousand that come once */
    }
    fw_top_sort(&top);
    assert_true(top.full);
    assert_int_equal(top.used, FW_TOP_SLOTS);
    assert_true(fw_addr_equal(&top.slot[0].key.addr, &often.addr));
    assert_true(top.slot[0].count >= 1000 && top.slot[0].count - top.slot[0].over <= 1000);
    for (size_t i = 1; i < top.used; i++)
        assert_true(top.slot[i].count - top.slot[i].over <= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_to_its_slots_it_is_exact),
        cmocka_unit_test(protocol_and_port_tell_services_apart),
        cmocka_unit_test(beyond_a_count_is_never_too_low_and_over_tells_by_how_much_it_may_be_high),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
