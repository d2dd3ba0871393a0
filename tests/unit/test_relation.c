/* relation.h: the table of the registry is one that can work. */
#include "fixture.h"

#include "core/relation.h"

static void every_name_is_a_detector(void **state) {
    (void)state;
    for (size_t i = 0; fw_relations[i].parent != NULL; i++) {
        if (fw_detector_find(fw_relations[i].parent) == NULL)
            fail_msg("no detector is called %s", fw_relations[i].parent);
        if (fw_relations[i].child == NULL || fw_detector_find(fw_relations[i].child) == NULL)
            fail_msg("%s mutes no detector", fw_relations[i].parent);
        assert_true(fw_relations[i].scope == FW_SAME_SOURCE || fw_relations[i].scope == FW_SAME_SERVICE);
    }
}

/* Steps from a detector down to its children's children: a circle never ends. */
static unsigned depth_below(const char *name, unsigned depth) {
    unsigned deepest = depth;
    if (depth > FW_RELATION_DEPTH)
        fail_msg("%s: detectors mute each other in a circle, or too deep", name);
    for (size_t i = 0; fw_relations[i].parent != NULL; i++)
        if (strcmp(fw_relations[i].parent, name) == 0) {
            const unsigned below = depth_below(fw_relations[i].child, depth + 1);
            deepest = below > deepest ? below : deepest;
        }
    return deepest;
}

static void no_detector_mutes_itself(void **state) {
    (void)state;
    for (size_t i = 0; fw_relations[i].parent != NULL; i++)
        assert_true(depth_below(fw_relations[i].parent, 0) > 0);
}

static struct fw_subject about(const char *src, int proto, int dport) {
    return (struct fw_subject){.src = addr(src), .has_src = true, .proto = proto, .dport = dport};
}

static void scope_and_services_limit_a_relation(void **state) {
    static const struct fw_relation table[] = {
        {"a", "b", FW_SAME_SERVICE, {{0, 0}}},
        {"a", "c", FW_SAME_SOURCE, {{FW_PROTO_TCP, 25}, {FW_PROTO_TCP, 587}}},
        {.parent = NULL},
    };
    const struct fw_subject one = about("10.1.1.1", FW_PROTO_TCP, 25), other = about("10.1.1.2", FW_PROTO_TCP, 25);
    const struct fw_subject port = about("10.1.1.1", FW_PROTO_TCP, 26), udp = about("10.1.1.1", FW_PROTO_UDP, 25);
    const struct fw_subject last = about("10.1.1.1", FW_PROTO_TCP, 587), nobody = {.proto = -1, .dport = -1};
    (void)state;
    assert_int_equal(fw_relation_find(table, "a", &one, "b", &one), 0);
    assert_int_equal(fw_relation_find(table, "a", &one, "b", &port), -1);
    assert_int_equal(fw_relation_find(table, "a", &one, "b", &other), -1);
    assert_int_equal(fw_relation_find(table, "b", &one, "a", &one), -1);
    assert_int_equal(fw_relation_find(table, "a", &port, "c", &one), 1);
    assert_int_equal(fw_relation_find(table, "a", &port, "c", &last), 1);
    assert_int_equal(fw_relation_find(table, "a", &port, "c", &udp), -1);
    assert_int_equal(fw_relation_find(table, "a", &nobody, "c", &one), -1);
    assert_int_equal(fw_relation_find(NULL, "a", &one, "b", &one), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_a_detector),
        cmocka_unit_test(no_detector_mutes_itself),
        cmocka_unit_test(scope_and_services_limit_a_relation),
    };
    return cmocka_run_group_tests_name("relation", tests, NULL, NULL);
}
