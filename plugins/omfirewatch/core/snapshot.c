/* snapshot.c: see snapshot.h.
 *
 * The order of the sections matters, for events are observed between them:
 *   1. documents that wait come first: whatever they say is known to what is
 *      written after them;
 *   2. findings come before the entries they are about: one that opens between
 *      is told by its document's trace (fw_restore_trace), and its entry, which
 *      is written as one with a finding, goes on with it.
 *   3. losses come before the parts that count them: totals only rise.
 * What an attacker controls: nothing here but sizes that state.h bounds; of a
 * forged file everything.
 */
#include "snapshot.h"

#include <string.h>

#include "exception.h"
#include "seen.h"
#include "names.h"
#include "usage.h"

static const char magic[8] = {'F', 'W', 'S', 'T', 'A', 'T', 'E', '\n'};
static const char end_name[] = "end";
static const char detector_name[] = "detector";

#define BYTE_ORDER_MARK (UINT64_C(0x0102030405060708) ^ sizeof(void *))

/* ---- sections ---- */

/* Saves what *cursor says, and load takes one buffer of it. A new part of the engine is a line in the table below; a
 * change of what a section means raises its version. */
struct section {
    const char *name; /* up to 8 characters */
    uint64_t version;
    bool (*save)(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor);
    int (*load)(const struct fw_engine_parts *parts, struct fw_get *get);
    void (*loaded)(const struct fw_engine_parts *parts); /* may be NULL */
};

static bool save_outlet(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    return fw_engine_save_outlet(parts->engine, put, cursor);
}

static int load_outlet(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_engine_load_outlet(parts->engine, get);
}

static bool save_findings(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    return fw_findings_save(parts->findings, put, cursor);
}

static int load_findings(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_findings_load(parts->findings, parts->detectors, parts->detector_count, get);
}

static void loaded_findings(const struct fw_engine_parts *parts) {
    fw_findings_loaded(parts->findings);
}

static bool save_clock(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    return fw_clock_save(&parts->timing->clock, put, cursor);
}

static int load_clock(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_clock_load(&parts->timing->clock, get);
}

static bool save_sensors(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    return fw_sensors_save(parts->timing->sensors, put, cursor);
}

static int load_sensors(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_sensors_load(parts->timing->sensors, get);
}

static bool save_timing(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    return fw_timing_save(parts->timing, put, cursor);
}

static int load_timing(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_timing_load(parts->timing, get);
}

static bool save_sessions(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    return fw_sessions_save(parts->sessions, put, cursor);
}

static int load_sessions(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_sessions_load(parts->sessions, get);
}

static void loaded_sessions(const struct fw_engine_parts *parts) {
    fw_sessions_loaded(parts->sessions);
}

static bool save_exceptions(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    return fw_exceptions_save(parts->exceptions, put, cursor);
}

static int load_exceptions(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_exceptions_load(parts->exceptions, get);
}

static bool save_seen(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    return fw_seen_save(parts->seen, put, cursor);
}

static int load_seen(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_seen_load(parts->seen, get);
}

static bool save_users(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    return fw_usage_save(parts->usage, put, cursor);
}

static int load_users(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_usage_load(parts->usage, get);
}

static void loaded_users(const struct fw_engine_parts *parts) {
    fw_usage_loaded(parts->usage);
}

static bool save_names(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    return fw_names_save(parts->names, put, cursor);
}

static int load_names(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_names_load(parts->names, get);
}

static void loaded_names(const struct fw_engine_parts *parts) {
    fw_names_loaded(parts->names);
}

static bool save_engine(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    (void)cursor;
    fw_engine_save_counts(parts->engine, put);
    return true;
}

static int load_engine(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_engine_load_counts(parts->engine, get);
}

static bool save_losses(const struct fw_engine_parts *parts, struct fw_put *put, uint64_t *cursor) {
    (void)cursor;
    fw_engine_save_losses(parts->engine, put);
    return true;
}

static int load_losses(const struct fw_engine_parts *parts, struct fw_get *get) {
    return fw_engine_load_losses(parts->engine, get);
}

/* clang-format off */
static const struct section sections[] = {
    {"outlet", 1, save_outlet, load_outlet, NULL},
    {"findings", 1, save_findings, load_findings, loaded_findings},
    {"clock", 2, save_clock, load_clock, NULL},
    {"sensors", 1, save_sensors, load_sensors, NULL},
    {"timing", 2, save_timing, load_timing, NULL},
    {"losses", 1, save_losses, load_losses, NULL},
    {"sessions", 1, save_sessions, load_sessions, loaded_sessions},
    {"excepted", 1, save_exceptions, load_exceptions, NULL},
    {"seen", 1, save_seen, load_seen, NULL},
    {"users", 1, save_users, load_users, loaded_users},
    {"names", 1, save_names, load_names, loaded_names},
    {"engine", 1, save_engine, load_engine, NULL},
};
/* clang-format on */
#define SECTIONS (sizeof sections / sizeof *sections)
_Static_assert(SECTIONS <= 64, "bits of useless_sections");

/* ---- the head ---- */

static uint64_t checksum_of_head(const uint8_t *bytes) {
    return fw_hash(&fw_seed_fixed, bytes, FW_SNAPSHOT_HEAD - 8);
}

void fw_snapshot_put_head(const struct fw_snapshot_head *head, uint8_t bytes[FW_SNAPSHOT_HEAD]) {
    struct fw_put put = {.p = bytes, .size = FW_SNAPSHOT_HEAD};
    const uint64_t order = BYTE_ORDER_MARK;

    fw_put_bytes(&put, magic, sizeof magic);
    fw_put_u64(&put, FW_SNAPSHOT_VERSION);
    fw_put_bytes(&put, &order, sizeof order); /* as this machine writes it: keys and values are its own */
    fw_put_u64(&put, head->seed.k[0]);
    fw_put_u64(&put, head->seed.k[1]);
    fw_put_u64(&put, (uint64_t)head->time);
    fw_put_u64(&put, checksum_of_head(bytes));
}

int fw_snapshot_get_head(struct fw_snapshot_head *head, const uint8_t bytes[FW_SNAPSHOT_HEAD], const char **why) {
    struct fw_get get = {.p = bytes, .size = FW_SNAPSHOT_HEAD};
    char found[sizeof magic];
    uint64_t order;

    fw_get_bytes(&get, found, sizeof found);
    const uint64_t version = fw_get_u64(&get);
    fw_get_bytes(&get, &order, sizeof order);
    head->seed.k[0] = fw_get_u64(&get);
    head->seed.k[1] = fw_get_u64(&get);
    head->time = (fw_time)fw_get_u64(&get);
    if (memcmp(found, magic, sizeof magic) != 0)
        *why = "it is no state of firewatch";
    else if (version != FW_SNAPSHOT_VERSION)
        *why = "it is of another version of firewatch";
    else if (order != BYTE_ORDER_MARK)
        *why = "it was written on another kind of machine";
    else if (fw_get_u64(&get) != checksum_of_head(bytes))
        *why = "its head is damaged";
    else
        return 0;
    return -1;
}

/* ---- writing ---- */

void fw_snapshot_begin(struct fw_snapshot *snapshot, uint8_t *frame) {
    *snapshot = (struct fw_snapshot){.frame = frame};
}

/* Head of a frame, without checksum and length, which seal() knows. */
static void begin_frame(struct fw_snapshot *s, struct fw_put *put, const char *name, uint64_t version) {
    char section[8] = "";

    memcpy(section, name, strnlen(name, sizeof section));
    *put = (struct fw_put){.p = s->frame, .size = FW_FRAME_MAX};
    fw_put_u64(put, 0);
    fw_put_bytes(put, section, sizeof section);
    fw_put_u64(put, version);
    fw_put_u64(put, s->frames++);
    fw_put_u64(put, 0);
}

static void fill_section(struct fw_snapshot *s, const struct fw_engine_parts *parts) {
    const struct section *section = &sections[s->section];
    struct fw_put put;

    begin_frame(s, &put, section->name, section->version);
    if (section->save(parts, &put, &s->cursor)) {
        s->section++;
        s->cursor = 0;
    }
    s->len = put.len;
}

static void fill_detector(struct fw_snapshot *s, const struct fw_detector *detector) {
    struct fw_put put;

    begin_frame(s, &put, detector_name, 1);
    fw_put_text(&put, detector->ops->name);
    fw_put_u64(&put, detector->observed);
    fw_put_u64(&put, detector->suppressed);
    if (detector->ops->save(detector->det, &put, &s->cursor)) {
        s->detector++;
        s->cursor = 0;
    }
    s->len = put.len;
}

bool fw_snapshot_fill(struct fw_snapshot *s, struct fw_engine *engine) {
    struct fw_engine_parts parts;
    struct fw_put put;

    if (s->ended)
        return false;
    fw_engine_parts(engine, &parts);
    if (s->section < SECTIONS) {
        fill_section(s, &parts);
        return true;
    }
    while (s->detector < parts.detector_count &&
           (!parts.detectors[s->detector].det || !parts.detectors[s->detector].ops->save))
        s->detector++;
    if (s->detector < parts.detector_count) {
        fill_detector(s, &parts.detectors[s->detector]);
        return true;
    }
    begin_frame(s, &put, end_name, 1);
    fw_put_u64(&put, s->frames);
    s->len = put.len;
    s->ended = true;
    return true;
}

void fw_snapshot_seal(struct fw_snapshot *s) {
    struct fw_put length = {.p = s->frame, .size = FW_FRAME_HEAD, .len = FW_FRAME_HEAD - 8};
    struct fw_put checksum = {.p = s->frame, .size = 8};

    fw_put_u64(&length, s->len - FW_FRAME_HEAD);
    fw_put_u64(&checksum, fw_hash(&fw_seed_fixed, s->frame + 8, s->len - 8));
}

/* ---- reading ---- */

int fw_frame_get_head(struct fw_frame *frame, uint64_t number, const uint8_t bytes[FW_FRAME_HEAD]) {
    struct fw_get get = {.p = bytes, .size = FW_FRAME_HEAD};

    memset(frame, 0, sizeof *frame);
    frame->checksum = fw_get_u64(&get);
    fw_get_bytes(&get, frame->section, sizeof frame->section - 1);
    frame->version = fw_get_u64(&get);
    if (fw_get_u64(&get) != number)
        return -1;
    const uint64_t length = fw_get_u64(&get);
    if (length > FW_FRAME_MAX - FW_FRAME_HEAD)
        return -1;
    frame->length = (size_t)length;
    return 0;
}

bool fw_frame_is_whole(const struct fw_frame *frame, const uint8_t *bytes) {
    return fw_hash(&fw_seed_fixed, bytes + 8, FW_FRAME_HEAD - 8 + frame->length) == frame->checksum;
}

bool fw_frame_is_end(const struct fw_frame *frame) {
    return strcmp(frame->section, end_name) == 0;
}

void fw_restore_begin(struct fw_restore *restore, struct fw_engine *engine) {
    memset(restore, 0, sizeof *restore);
    restore->engine = engine;
}

/* 0, or -1: it says nothing to this engine. */
static int restore_detector(struct fw_restore *restore, const struct fw_engine_parts *parts, struct fw_get *get) {
    char name[UINT8_MAX + 1];
    size_t i = 0;

    fw_get_text(get, name);
    while (i < parts->detector_count && strcmp(parts->detectors[i].ops->name, name) != 0)
        i++;
    if (get->failed || i == parts->detector_count || !parts->detectors[i].det || !parts->detectors[i].ops->load ||
        (restore->useless[i / 64] >> i % 64 & 1) != 0)
        return -1;
    parts->detectors[i].observed = fw_get_u64(get);
    parts->detectors[i].suppressed = fw_get_u64(get);
    if (parts->detectors[i].ops->load(parts->detectors[i].det, get) == 0)
        return 0;
    restore->useless[i / 64] |= UINT64_C(1) << i % 64;
    return -1;
}

static int restore_section(struct fw_restore *restore, const struct fw_engine_parts *parts,
                           const struct fw_frame *frame, struct fw_get *get) {
    size_t i = 0;

    while (i < SECTIONS && strcmp(sections[i].name, frame->section) != 0)
        i++;
    if (i == SECTIONS || sections[i].version != frame->version || (restore->useless_sections >> i & 1) != 0)
        return -1;
    if (sections[i].load(parts, get) == 0)
        return 0;
    restore->useless_sections |= UINT64_C(1) << i;
    return -1;
}

void fw_restore_frame(struct fw_restore *restore, const struct fw_frame *frame, const uint8_t *records) {
    struct fw_get get = {.p = records, .size = frame->length};
    struct fw_engine_parts parts;
    int result;

    restore->frames++;
    if (fw_frame_is_end(frame))
        return;
    fw_engine_parts(restore->engine, &parts);
    if (strcmp(frame->section, detector_name) == 0)
        result = frame->version == 1 ? restore_detector(restore, &parts, &get) : -1;
    else
        result = restore_section(restore, &parts, frame, &get);
    restore->dropped += result != 0;
}

void fw_restore_trace(struct fw_restore *restore, uint64_t sequence, const uint8_t *trace, size_t len) {
    struct fw_get get = {.p = trace, .size = len};
    struct fw_engine_parts parts;

    fw_engine_parts(restore->engine, &parts);
    fw_engine_left(restore->engine, sequence);
    fw_findings_trace(parts.findings, parts.detectors, parts.detector_count, sequence, &get);
}

void fw_restore_end(struct fw_restore *restore) {
    struct fw_engine_parts parts;

    fw_engine_parts(restore->engine, &parts);
    for (size_t i = 0; i < SECTIONS; i++)
        if (sections[i].loaded)
            sections[i].loaded(&parts);
    for (size_t i = 0; i < parts.detector_count; i++) {
        struct fw_detector *detector = &parts.detectors[i];
        const struct fw_sink sink = {parts.findings, detector, parts.usage, NULL};

        if (detector->det && detector->ops->loaded)
            detector->ops->loaded(detector->det, &sink);
    }
}

void fw_snapshot_move(struct fw_engine *from, struct fw_engine *to, uint8_t *bytes) {
    struct fw_restore restore;
    struct fw_snapshot snapshot;
    struct fw_frame frame;

    fw_snapshot_begin(&snapshot, bytes);
    fw_restore_begin(&restore, to);
    while (fw_snapshot_fill(&snapshot, from)) {
        fw_snapshot_seal(&snapshot);
        if (fw_frame_get_head(&frame, snapshot.frames - 1, bytes) == 0)
            fw_restore_frame(&restore, &frame, bytes + FW_FRAME_HEAD);
    }
    fw_restore_end(&restore);
}
