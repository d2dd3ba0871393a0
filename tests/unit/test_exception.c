/* test_exception.c: roles and exceptions in an engine: what they hold back, and what is said of it. */
#include "fixture.h"

#include "core/exception.h"

#define DAY   (24 * FW_HOUR)
#define NONE  ((size_t)-1)
#define BYTES ((size_t)1 << 20)

/* A site of up to eight entries, by hand. */
struct hand {
    struct fw_site site;
    struct fw_entry entries[8];
    const struct fw_entry *list[8];
    struct fw_fact facts[16];
    size_t count, facts_count;
    struct fw_link anywhere;
};

static struct fw_entry *add(struct hand *hand, uint64_t id, const char *label) {
    struct fw_entry *entry = &hand->entries[hand->count];

    *entry = (struct fw_entry){.id = id, .number = (uint32_t)hand->count, .label = label, .until = FW_TIME_MAX};
    hand->list[hand->count++] = entry;
    return entry;
}

static void about(struct hand *hand, const char *net, enum fw_fact_kind kind, const struct fw_entry *entry) {
    struct fw_fact *fact = &hand->facts[hand->facts_count++];

    *fact = (struct fw_fact){.kind = kind, .entry = entry};
    assert_int_equal(fw_net_parse(&fact->net, net, strlen(net), NULL, 0), 0);
}

static const struct fw_site *built(struct hand *hand) {
    hand->site.entries = hand->list;
    hand->site.entries_count = hand->count;
    assert_int_equal(fw_site_build(&hand->site, hand->facts, hand->facts_count), 0);
    return &hand->site;
}

/* All detectors. */
static struct fw_entry *except(struct hand *hand, uint64_t id, const char *label) {
    struct fw_entry *entry = add(hand, id, label);

    entry->detectors = UINT64_MAX;
    return entry;
}

static void use(struct fixture *f, const struct fw_site *site) {
    f->settings.site = site;
    fw_engine_policy(f->engine, &f->settings);
}

static uint64_t suppressed(const struct fixture *f) {
    uint64_t sum = 0;

    for (size_t i = 0; fw_detectors[i]; i++)
        sum += fw_engine_detector(f->engine, i)->suppressed;
    return sum;
}

static bool held_back(struct fixture *f, fw_time time, const char *src, const char *dst, uint8_t proto,
                      uint16_t dport) {
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, time, src, dst, proto, dport);
    const uint64_t before = suppressed(f);

    feed(f, &ev);
    fw_engine_settle(f->engine); /* however far it is from the last */
    fixture_collect(f);
    return suppressed(f) > before;
}

/* Somebody is heard every four minutes: nobody doubts the clock. */
static void walk(struct fixture *f, fw_time from, fw_time until) {
    for (fw_time time = from; time < until; time += 4 * FW_MINUTE)
        assert_false(held_back(f, time, "10.77.7.7", "192.0.2.77", FW_PROTO_TCP, 80));
}

static size_t find_text(const struct fixture *f, const char *part) {
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        if (strstr(f->documents[i].text, part))
            return i;
    return NONE;
}

static size_t count_text(const struct fixture *f, const char *part) {
    size_t n = 0;

    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        n += strstr(f->documents[i].text, part) != NULL;
    return n;
}

/* So long has nothing come since the last event. */
static void pass(struct fixture *f, fw_time span) {
    fw_engine_idle(f->engine, span);
    fixture_collect(f);
}

/* --- whom it is about ---------------------------------------------------- */

static void an_exception_is_about_source_destination_and_port(void **state) {
    static struct hand hand;
    static const struct fw_ports smb = {FW_PROTO_TCP, 445, 445}, high = {-1, 8000, 8010};
    static const struct fw_ports both_ports[] = {{FW_PROTO_TCP, 445, 445}, {-1, 8000, 8010}};
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_entry *source, *destination, *both;
    struct fw_netmask inside;

    (void)state;
    hand = (struct hand){.count = 0};
    source = except(&hand, 1, "source");
    source->ports = both_ports;
    source->ports_count = 2;
    about(&hand, "10.1.0.0/16", FW_FACT_SOURCE, source);
    destination = except(&hand, 2, "destination");
    about(&hand, "192.0.2.7", FW_FACT_DESTINATION, destination);
    both = except(&hand, 3, "both");
    both->needs_destination = true;
    assert_int_equal(fw_net_parse(&inside.net, "198.51.100.0/24", 15, NULL, 0), 0);
    inside.mask = 1;
    assert_int_equal(fw_netmap_build(&both->destinations, &inside, 1), 0);
    about(&hand, "10.1.2.3", FW_FACT_SOURCE, both);
    use(f, built(&hand));
    assert_true(held_back(f, T0, "10.1.9.9", "203.0.113.1", FW_PROTO_TCP, smb.first));
    assert_false(held_back(f, T0, "10.1.9.9", "203.0.113.1", FW_PROTO_UDP, 445));
    assert_true(held_back(f, T0, "10.1.9.9", "203.0.113.1", FW_PROTO_UDP, high.first));
    assert_true(held_back(f, T0, "10.1.9.9", "203.0.113.1", FW_PROTO_UDP, high.last));
    assert_false(held_back(f, T0, "10.1.9.9", "203.0.113.1", FW_PROTO_UDP, 8011));
    assert_false(held_back(f, T0, "10.2.9.9", "203.0.113.1", FW_PROTO_TCP, 445));
    assert_true(held_back(f, T0, "10.2.9.9", "192.0.2.7", FW_PROTO_TCP, 22));
    assert_false(held_back(f, T0, "10.2.9.9", "192.0.2.8", FW_PROTO_TCP, 22));
    assert_true(held_back(f, T0, "10.1.2.3", "198.51.100.9", FW_PROTO_TCP, 22));
    assert_false(held_back(f, T0, "10.1.2.3", "198.51.101.9", FW_PROTO_TCP, 22));
    assert_true(held_back(f, T0, "10.1.2.3", "198.51.101.9", FW_PROTO_TCP, 445)); /* by the wider network's */
    fixture_close(f);
    fw_netmap_free(&both->destinations);
    fw_site_free(&hand.site);
}

static void an_exception_by_port_alone_is_about_everybody(void **state) {
    static struct hand hand;
    static const struct fw_ports dns = {-1, 53, 53};
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_entry *entry;

    (void)state;
    hand = (struct hand){.count = 0};
    entry = except(&hand, 1, "dns");
    entry->ports = &dns;
    entry->ports_count = 1;
    entry->until = T0 + FW_MINUTE;
    hand.anywhere.entry = entry;
    hand.site.anywhere = &hand.anywhere;
    use(f, built(&hand));
    assert_true(held_back(f, T0, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 53));
    assert_false(held_back(f, T0, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 54));
    assert_true(held_back(f, T0 + FW_MINUTE - 1, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 53));
    assert_false(held_back(f, T0 + FW_MINUTE, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 53));
    fixture_close(f);
    fw_site_free(&hand.site);
}

static void an_exception_is_about_the_detectors_it_names(void **state) {
    static struct hand hand;
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_entry *entry;

    (void)state;
    hand = (struct hand){.count = 0};
    entry = except(&hand, 1, "another");
    for (size_t i = 0; fw_detectors[i]; i++)
        if (strcmp(fw_detectors[i]->name, "addr_scan") == 0)
            entry->detectors &= ~(UINT64_C(1) << i);
    about(&hand, "10.1.0.0/16", FW_FACT_SOURCE, entry);
    use(f, built(&hand));
    assert_false(held_back(f, T0, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 53));
    fixture_close(f);
    fw_site_free(&hand.site);
}

static void a_role_holds_in_its_time_only(void **state) {
    static struct hand hand;
    static const struct fw_zone utc = {.name = "UTC"};
    static const struct fw_calendar_span span = {FW_CALENDAR_EVERY_DAY, 8 * 60, 9 * 60};
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_entry *role, *always;

    (void)state;
    hand = (struct hand){.count = 0};
    role = add(&hand, 1, "nms: in the morning");
    role->role = FW_ROLE_BIT(nms);
    role->when = (struct fw_calendar){.zone = &utc, .spans = &span, .count = 1};
    about(&hand, "10.1.0.0/16", FW_FACT_ROLE_ENTRY, role);
    always = add(&hand, 2, "scanner: always");
    always->role = FW_ROLE_BIT(scanner);
    about(&hand, "10.1.5.5", FW_FACT_ROLE_ENTRY, always);
    use(f, built(&hand));
    assert_true(held_back(f, T0, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 53)); /* 08:00 */
    assert_true(held_back(f, T0 + FW_HOUR - 1, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 53));
    assert_false(held_back(f, T0 + FW_HOUR, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 53));
    assert_true(held_back(f, T0 + FW_HOUR, "10.1.5.5", "192.0.2.7", FW_PROTO_TCP, 53));
    fixture_close(f);
    fw_site_free(&hand.site);
}

static void places_give_roles_and_the_value_of_the_narrowest(void **state) {
    static struct hand hand;
    struct fw_entry *role;
    const struct fw_place *place;
    union fw_addr a;

    (void)state;
    hand = (struct hand){.count = 0};
    about(&hand, "10.0.0.0/8", FW_FACT_ROLES, NULL);
    hand.facts[0].roles = FW_ROLE_HOME;
    about(&hand, "10.1.0.0/16", FW_FACT_ASSET, NULL);
    hand.facts[1].asset = 4;
    about(&hand, "10.1.2.0/24", FW_FACT_ASSET, NULL);
    hand.facts[2].asset = 1;
    role = add(&hand, 1, "nms");
    role->role = FW_ROLE_BIT(nms);
    role->until = T0;
    about(&hand, "10.1.2.3", FW_FACT_ROLE_ENTRY, role);
    const struct fw_site *site = built(&hand);

    a = addr("10.1.2.3");
    place = fw_site_place(site, &a);
    assert_true(place->timed);
    assert_true(place->roles == FW_ROLE_HOME);
    assert_true(fw_place_roles_at(place, T0 - 1) == (FW_ROLE_HOME | FW_ROLE_BIT(nms)));
    assert_true(fw_place_roles_at(place, T0) == FW_ROLE_HOME);
    assert_int_equal(place->asset, 1);
    a = addr("10.1.3.3");
    place = fw_site_place(site, &a);
    assert_int_equal(place->asset, 4);
    assert_true(place->roles == FW_ROLE_HOME && !place->timed);
    a = addr("192.0.2.1");
    assert_true(fw_site_place(site, &a)->roles == 0);
    assert_int_equal(fw_site_place(site, &a)->asset, 0);
    assert_true(fw_site_place(&(struct fw_site){.entries_count = 0}, &a) == &fw_place_unknown);
    fw_site_free(&hand.site);
}

/* --- what is said -------------------------------------------------------- */

static void once_an_hour_it_is_summed_up(void **state) {
    static struct hand hand;
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_entry *role, *entry;
    size_t n;

    (void)state;
    hand = (struct hand){.count = 0};
    role = add(&hand, 1, "nms: Zabbix pings everybody");
    role->role = FW_ROLE_BIT(nms);
    about(&hand, "10.9.9.9", FW_FACT_ROLE_ENTRY, role);
    entry = except(&hand, 2, "exception: inventory");
    about(&hand, "10.1.0.0/16", FW_FACT_SOURCE, entry);
    except(&hand, 3, "exception: of nobody");
    use(f, built(&hand));
    for (unsigned i = 0; i < 5; i++)
        assert_true(held_back(f, T0 + (10 + i) * FW_MINUTE, "10.9.9.9", "192.0.2.7", FW_PROTO_TCP, 53));
    assert_true(held_back(f, T0 + 16 * FW_MINUTE, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 53));
    assert_int_equal(find_text(f, "exceptions:"), NONE);
    walk(f, T0 + 20 * FW_MINUTE, T0 + 59 * FW_MINUTE);
    assert_false(held_back(f, T0 + 59 * FW_MINUTE, "10.7.7.7", "192.0.2.7", FW_PROTO_TCP, 53));
    assert_int_equal(find_text(f, "exceptions:"), NONE);
    assert_false(held_back(f, T0 + 61 * FW_MINUTE, "10.7.7.7", "192.0.2.7", FW_PROTO_TCP, 53));
    n = find_text(f, "exceptions:");
    assert_true(n != NONE);
    assert_text(f, n,
                "summary: exceptions: 6 events held back since 2026-10-12T08:10Z by 2 of 3; most by nms: Zabbix pings "
                "everybody "
                "(5)");
    assert_json_has(f, n, "exceptions-held");
    assert_json_has(f, n, "addr_scan nms: Zabbix pings everybody");
    assert_json_has(f, n, "addr_scan exception: inventory");
    pass(f, 2 * FW_HOUR); /* nothing more, nothing said */
    assert_int_equal(count_text(f, "exceptions: "), 1);
    fixture_close(f);
    fw_site_free(&hand.site);
}

static void an_end_is_told_once(void **state) {
    static struct hand hand;
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_entry *entry;

    (void)state;
    hand = (struct hand){.count = 0};
    entry = except(&hand, 1, "exception: inventory");
    entry->until = T0 + FW_HOUR;
    about(&hand, "10.1.0.0/16", FW_FACT_SOURCE, entry);
    use(f, built(&hand));
    assert_true(held_back(f, T0, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 53));
    pass(f, 59 * FW_MINUTE);
    assert_int_equal(find_text(f, "has reached its end"), NONE);
    pass(f, 3 * FW_HOUR);
    assert_int_equal(count_text(f, "exceptions: \"exception: inventory\" has reached its end"), 1);
    assert_json_has(f, find_text(f, "has reached"), "exceptions-expired");
    use(f, &hand.site); /* the same policy again, and nothing new to say */
    pass(f, 6 * FW_HOUR);
    assert_int_equal(count_text(f, "has reached its end"), 1);
    fixture_close(f);
    fw_site_free(&hand.site);
}

static void what_was_of_no_use_for_a_week_is_told_once(void **state) {
    static struct hand hand;
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_entry *role;

    (void)state;
    hand = (struct hand){.count = 0};
    about(&hand, "10.1.0.0/16", FW_FACT_SOURCE, except(&hand, 1, "exception: used"));
    about(&hand, "10.2.0.0/16", FW_FACT_SOURCE, except(&hand, 2, "exception: idle"));
    role = add(&hand, 3, "mail_server: guards nothing that runs");
    role->role = FW_ROLE_BIT(mail_server);
    about(&hand, "10.3.0.0/16", FW_FACT_ROLE_ENTRY, role);
    use(f, built(&hand));
    assert_true(held_back(f, T0, "10.1.1.1", "192.0.2.7", FW_PROTO_TCP, 53));
    pass(f, 7 * DAY - FW_HOUR);
    assert_int_equal(find_text(f, "held back nothing"), NONE);
    pass(f, 7 * DAY + FW_HOUR);
    assert_int_equal(count_text(f, "exceptions: \"exception: idle\" has held back nothing for 7 days"), 1);
    pass(f, 30 * DAY);
    assert_int_equal(count_text(f, "held back nothing"), 1);
    fixture_close(f);
    fw_site_free(&hand.site);
}

/* --- counters ------------------------------------------------------------ */

static struct fw_exceptions *counting(struct hand *hand) {
    struct fw_exceptions *e = NULL;

    *hand = (struct hand){.count = 0};
    about(hand, "10.1.0.0/16", FW_FACT_SOURCE, except(hand, 11, "one"));
    about(hand, "10.2.0.0/16", FW_FACT_SOURCE, except(hand, 12, "two"));
    assert_int_equal(fw_exceptions_open(&e, &fw_mem_libc), 0);
    fw_exceptions_policy(e, built(hand), 0);
    return e;
}

static void count_some(struct fw_exceptions *e, const struct hand *hand, const char *src, unsigned n) {
    const struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0, src, "192.0.2.7", FW_PROTO_TCP, 53);

    while (n-- > 0)
        assert_non_null(fw_exceptions_hold(e, &ev, fw_site_place(&hand->site, &ev.src), &fw_place_unknown, 0));
}

static void counters_stay_where_an_entry_is_the_same(void **state) {
    static struct hand before, after;
    struct fw_exceptions *e = counting(&before);

    (void)state;
    count_some(e, &before, "10.1.1.1", 3);
    count_some(e, &before, "10.2.1.1", 5);
    after = (struct hand){.count = 0};
    about(&after, "10.3.0.0/16", FW_FACT_SOURCE, except(&after, 13, "new"));
    about(&after, "10.2.0.0/16", FW_FACT_SOURCE, except(&after, 12, "two, with another reason"));
    fw_exceptions_policy(e, built(&after), 0);
    assert_int_equal(fw_exceptions_total(e, 0), 0);
    assert_int_equal(fw_exceptions_total(e, 1), 5);
    count_some(e, &after, "10.2.1.1", 1);
    assert_int_equal(fw_exceptions_total(e, 1), 6);
    assert_int_equal(fw_exceptions_total(e, 2), 0);
    fw_exceptions_close(&e);
    fw_site_free(&before.site);
    fw_site_free(&after.site);
}

static size_t save_all(const struct fw_exceptions *e, uint8_t *bytes) {
    struct fw_put put = {.p = bytes, .size = BYTES};
    uint64_t cursor = 0;

    assert_true(fw_exceptions_save(e, &put, &cursor));
    assert_false(put.failed);
    return put.len;
}

static void counters_are_saved_and_loaded(void **state) {
    static struct hand hand, other;
    static uint8_t bytes[BYTES], again[BYTES];
    struct fw_exceptions *e = counting(&hand), *loaded = counting(&other);
    size_t len;

    (void)state;
    count_some(e, &hand, "10.1.1.1", 3);
    count_some(e, &hand, "10.2.1.1", 5);
    len = save_all(e, bytes);
    assert_int_equal(fw_exceptions_load(loaded, &(struct fw_get){.p = bytes, .size = len}), 0);
    assert_int_equal(fw_exceptions_total(loaded, 0), 3);
    assert_int_equal(fw_exceptions_total(loaded, 1), 5);
    assert_int_equal(save_all(loaded, again), len);
    assert_memory_equal(bytes, again, len);
    for (size_t cut = 0; cut < len; cut++) {
        const int result = fw_exceptions_load(loaded, &(struct fw_get){.p = bytes, .size = cut});

        assert_true(result == -1 || cut == 8 || cut == 8 + (len - 8) / 2); /* between records */
    }
    fw_exceptions_close(&e);
    fw_exceptions_close(&loaded);
    fw_site_free(&hand.site);
    fw_site_free(&other.site);
}

static void a_buffer_that_is_full_goes_on_in_the_next(void **state) {
    static struct hand hand, other;
    static uint8_t bytes[FW_STATE_RECORD_MAX + 1];
    struct fw_exceptions *e = counting(&hand), *loaded = counting(&other);
    uint64_t cursor = 0;
    unsigned buffers = 0;
    bool done;

    (void)state;
    count_some(e, &hand, "10.2.1.1", 5);
    do {
        struct fw_put put = {.p = bytes, .size = sizeof bytes};

        done = fw_exceptions_save(e, &put, &cursor);
        assert_false(put.failed);
        assert_int_equal(fw_exceptions_load(loaded, &(struct fw_get){.p = bytes, .size = put.len}), 0);
        buffers++;
    } while (!done && buffers < 10000);
    assert_true(done && buffers > 1);
    assert_int_equal(fw_exceptions_total(loaded, 1), 5);
    fw_exceptions_close(&e);
    fw_exceptions_close(&loaded);
    fw_site_free(&hand.site);
    fw_site_free(&other.site);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exception_is_about_source_destination_and_port),
        cmocka_unit_test(an_exception_by_port_alone_is_about_everybody),
        cmocka_unit_test(an_exception_is_about_the_detectors_it_names),
        cmocka_unit_test(a_role_holds_in_its_time_only),
        cmocka_unit_test(places_give_roles_and_the_value_of_the_narrowest),
        cmocka_unit_test(once_an_hour_it_is_summed_up),
        cmocka_unit_test(an_end_is_told_once),
        cmocka_unit_test(what_was_of_no_use_for_a_week_is_told_once),
        cmocka_unit_test(counters_stay_where_an_entry_is_the_same),
        cmocka_unit_test(counters_are_saved_and_loaded),
        cmocka_unit_test(a_buffer_that_is_full_goes_on_in_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
