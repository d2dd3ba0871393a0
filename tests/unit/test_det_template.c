/* The template is what newcomers copy: it has to work. Driven through its table of functions, as it is not registered. */
#include "fixture.h"

extern const struct fw_detector_ops fw_det_template;

static unsigned written;

static void emit(void *cookie, const struct fw_document *document) {
    (void)cookie;
    if (written++ == 0)
        assert_string_equal(document->text, "template open: 10.1.2.3 was denied 100 times");
}

static void it_reports_at_its_threshold_and_closes(void **state) {
    int64_t values[FW_PARAMS_MAX];
    char err[128];
    struct fw_findings *findings;
    struct fw_detector detector = {.ops = &fw_det_template, .enabled = true};
    struct fw_detector_stats stats;
    (void)state;
    for (size_t i = 0; fw_det_template.params[i].name != NULL; i++)
        values[i] = fw_det_template.params[i].value;
    const struct fw_detector_config config = {.values = values, .bytes = 1 << 20, .mem = &fw_mem_libc};
    assert_int_equal(fw_det_template.open(&detector.det, &config, err, sizeof err), 0);
    assert_int_equal(fw_findings_open(&findings, 60, emit, NULL, &fw_mem_libc), 0);
    const struct fw_sink sink = {findings, &detector, NULL, NULL};
    for (unsigned i = 0; i < 150; i++) {
        const struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i, "10.1.2.3", "198.51.100.1", FW_PROTO_TCP, 22);
        fw_det_template.observe(detector.det, &ev, &sink);
        assert_int_equal(written, i >= 99 ? 1 : 0);
    }
    (void)fw_findings_advance(findings, T0 + FW_HOUR, UINT32_MAX);
    assert_int_equal(written, 2);
    fw_det_template.get_stats(detector.det, &stats);
    assert_int_equal(stats.table.held, 0);
    fw_findings_close(&findings);
    fw_det_template.close(&detector.det);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_reports_at_its_threshold_and_closes)};
    return cmocka_run_group_tests_name("det_template", tests, NULL, NULL);
}
