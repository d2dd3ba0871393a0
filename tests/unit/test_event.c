/* test_event.c: the names of kinds and fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/event.h"

static void every_kind_has_a_name_and_the_next_has_none(void **state) {
    (void)state;
    for (int kind = 0; kind < FW_KINDS; kind++) {
        assert_non_null(fw_kind_name((enum fw_kind)kind));
        for (int other = 0; other < kind; other++)
            assert_string_not_equal(fw_kind_name((enum fw_kind)kind), fw_kind_name((enum fw_kind)other));
    }
    assert_string_equal(fw_kind_name(FW_KIND_FLOW_START), "flow_start");
    assert_string_equal(fw_kind_name(FW_KIND_DEVICE), "device");
    assert_null(fw_kind_name(FW_KINDS));
    assert_null(fw_kind_name((enum fw_kind) - 1));
}

static void every_field_is_found_by_its_name(void **state) {
    (void)state;
    for (int field = 0; field < FW_FIELDS; field++) {
        const char *name = fw_field_table[field].name;

        assert_int_equal(fw_field_find(name, strlen(name)), field);
    }
}

static void part_of_a_name_or_more_than_it_is_not_found(void **state) {
    (void)state;
    assert_int_equal(fw_field_find("", 0), -1);
    assert_int_equal(fw_field_find("sr", 2), -1);
    assert_int_equal(fw_field_find("srcx", 4), -1);
    assert_int_equal(fw_field_find("SRC", 3), -1);
    assert_int_equal(fw_field_find("source.ip", 9), -1);
    assert_int_equal(fw_field_find("src\0", 4), -1);
    assert_int_equal(fw_field_find("srcx", 3), FW_F_src);
}

static size_t size_of(enum fw_type type) {
    switch (type) {
    case FW_TYPE_ADDR:
        return sizeof(union fw_addr);
    case FW_TYPE_PORT:
        return sizeof(uint16_t);
    case FW_TYPE_U32:
        return sizeof(uint32_t);
    case FW_TYPE_U64:
    case FW_TYPE_MS:
        return sizeof(uint64_t);
    case FW_TYPE_STR:
        return sizeof(struct fw_str);
    default:
        return 1;
    }
}

static void table_describes_the_struct(void **state) {
    (void)state;
    assert_int_equal(fw_field_table[FW_F_src].offset, offsetof(struct fw_event, src));
    assert_int_equal(fw_field_table[FW_F_session].offset, offsetof(struct fw_event, session));
    assert_int_equal(fw_field_table[FW_F_product].offset, offsetof(struct fw_event, product));
    assert_int_equal(fw_field_table[FW_F_dport].type, FW_TYPE_PORT);
    assert_string_equal(fw_field_table[FW_F_dport].ecs, "destination.port");
    for (int field = 0; field < FW_FIELDS; field++) {
        const struct fw_field_info *info = &fw_field_table[field];

        assert_true(info->offset + size_of(info->type) <= sizeof(struct fw_event));
        assert_true(info->name[0] != '\0' && info->ecs[0] != '\0' && info->doc[0] != '\0');
    }
}

static void fields_do_not_overlap(void **state) {
    (void)state;
    for (int a = 0; a < FW_FIELDS; a++)
        for (int b = 0; b < a; b++) {
            const struct fw_field_info *x = &fw_field_table[a], *y = &fw_field_table[b];

            assert_true(x->offset >= y->offset + size_of(y->type) || y->offset >= x->offset + size_of(x->type));
            assert_string_not_equal(x->name, y->name);
            assert_string_not_equal(x->ecs, y->ecs);
        }
}

static void has_wants_every_bit(void **state) {
    const struct fw_event ev = {.present = FW_BIT(src) | FW_BIT(dst)};
    (void)state;

    assert_true(fw_event_has(&ev, FW_BIT(src)));
    assert_true(fw_event_has(&ev, FW_BIT(src) | FW_BIT(dst)));
    assert_false(fw_event_has(&ev, FW_BIT(src) | FW_BIT(dport)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_and_the_next_has_none),
        cmocka_unit_test(every_field_is_found_by_its_name),
        cmocka_unit_test(part_of_a_name_or_more_than_it_is_not_found),
        cmocka_unit_test(table_describes_the_struct),
        cmocka_unit_test(fields_do_not_overlap),
        cmocka_unit_test(has_wants_every_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
