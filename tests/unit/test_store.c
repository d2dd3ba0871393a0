/* test_store.c: the state in a file and the journal beside it, in a real directory. */
#define _GNU_SOURCE
#include "fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal.h"
#include "store/store.h"

struct place {
    char dir[64];
    char path[96];
    char journal[96];
    struct fixture *f;
    struct fw_store *store;
    char err[FW_STORE_ERROR];
};

static void open_store(struct place *p) {
    assert_int_equal(fw_store_open(&p->store, p->path, p->err, sizeof p->err), 0);
}

static struct place *place_open(void) {
    struct place *p = calloc(1, sizeof *p);

    assert_non_null(p);
    (void)snprintf(p->dir, sizeof p->dir, "%s/fw-store.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(p->dir));
    (void)snprintf(p->path, sizeof p->path, "%s/x.state", p->dir);
    (void)snprintf(p->journal, sizeof p->journal, "%s/x.state.journal", p->dir);
    p->f = fixture_open("addr_scan", 0, 0);
    open_store(p);
    return p;
}

static bool there(const struct place *p, const char *ending) {
    char path[128];

    (void)snprintf(path, sizeof path, "%s%s", p->path, ending);
    return access(path, F_OK) == 0;
}

static void place_close(struct place *p) {
    static const char *const endings[] = {"",           ".new",       ".journal",   ".journal.new", ".damaged-1",
                                          ".damaged-2", ".damaged-3", ".damaged-4", ".damaged-5"};
    char path[128];

    fw_store_close(&p->store);
    fixture_close(p->f);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        (void)snprintf(path, sizeof path, "%s%s", p->path, endings[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(p->dir), 0); /* and nothing else was left */
    free(p);
}

static void save(struct place *p) {
    if (fw_store_save(p->store, p->f->engine, NULL, p->err, sizeof p->err) != 0)
        fail_msg("%s", p->err);
}

static off_t size_of(const char *path) {
    struct stat st;

    return stat(path, &st) == 0 ? st.st_size : -1;
}

/* A scan of `n` more addresses from 10.1.2.x; what is said is noted, and returned is how much that was. */
static size_t scan(struct place *p, unsigned x, unsigned from, unsigned n) {
    char src[FW_ADDR_TEXT_MAX];
    const size_t before = p->f->count;

    (void)snprintf(src, sizeof src, "10.1.2.%u", x);
    for (unsigned i = from; i < from + n; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i * FW_SECOND, src, host("198.51", i), FW_PROTO_TCP, 445);
        feed(p->f, &ev);
    }
    for (size_t i = before; i < p->f->count; i++)
        assert_int_equal(fw_store_note(p->store, &p->f->documents[i]), 0);
    return p->f->count - before;
}

/* As after kill -9: another store on the same files, a new engine that loads. */
static void start_again(struct place *p, uint64_t noted) {
    struct fw_snapshot_head head;
    struct fw_store_loaded loaded;

    fw_store_close(&p->store);
    fixture_close(p->f);
    p->f = fixture_open("addr_scan", 0, 0);
    open_store(p);
    assert_int_equal(fw_store_look(p->store, &head, p->err, sizeof p->err), FW_STORE_STATE);
    if (fw_store_load(p->store, p->f->engine, &loaded, p->err, sizeof p->err) != 0)
        fail_msg("%s", p->err);
    assert_int_equal(loaded.dropped, 0);
    assert_int_equal(loaded.noted, noted);
}

static uint64_t opened(const struct place *p) {
    uint64_t n = 0;

    for (size_t i = 0; i < p->f->count && i < DOCUMENTS_KEPT; i++)
        n += strstr(p->f->documents[i].json, "\"action\":\"finding-open\"") != NULL;
    return n;
}

static void what_is_saved_is_there_and_for_its_owner_alone(void **state) {
    struct place *p = place_open();
    struct fw_snapshot_head head;
    struct stat st;
    (void)state;
    assert_int_equal(fw_store_look(p->store, &head, p->err, sizeof p->err), FW_STORE_NOTHING);
    scan(p, 1, 0, 20);
    save(p);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(p->journal, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(there(p, ".new"));
    start_again(p, 0);
    assert_int_equal(scan(p, 1, 20, 5), 1);
    assert_int_equal(opened(p), 1);
    place_close(p);
}

static void two_cannot_have_one_state(void **state) {
    struct place *p = place_open();
    struct fw_store *other = NULL;
    (void)state;
    assert_int_equal(fw_store_open(&other, p->path, p->err, sizeof p->err), -1);
    assert_null(other);
    assert_non_null(strstr(p->err, "another process"));
    place_close(p);
}

static void the_journal_knows_what_was_said_since(void **state) {
    struct place *p = place_open();
    (void)state;
    save(p);
    assert_int_equal(scan(p, 1, 0, 30), 1);
    start_again(p, 1);
    (void)scan(p, 1, 30, 40);
    assert_int_equal(opened(p), 0);
    place_close(p);
}

/* A torn last record is as if it were not there, and the next one is found behind those that are whole. */
static void a_torn_record_ends_the_journal(void **state) {
    struct place *p = place_open();
    (void)state;
    save(p);
    assert_int_equal(scan(p, 1, 0, 25), 1);
    const off_t one = size_of(p->journal);
    assert_int_equal(scan(p, 2, 25, 25), 1);
    const off_t two = size_of(p->journal);
    for (off_t at = two - 1; at > one; at -= 61) {
        assert_int_equal(truncate(p->journal, at), 0);
        start_again(p, 1);
        assert_int_equal(size_of(p->journal), one);
    }
    assert_int_equal(scan(p, 3, 50, 25), 1);
    start_again(p, 2);
    place_close(p);
}

static void garbage_in_the_journal_ends_it(void **state) {
    struct place *p = place_open();
    uint8_t byte;
    (void)state;
    save(p);
    assert_int_equal(scan(p, 1, 0, 25), 1);
    const off_t end = size_of(p->journal);
    const int fd = open(p->journal, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, end - 3), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, end - 3), 1);
    assert_int_equal(close(fd), 0);
    start_again(p, 0);
    place_close(p);
}

/* Killed while the journal was emptied: a state that is loaded has one to write to, even before it is saved again. */
static void a_journal_without_its_head_begins_anew(void **state) {
    (void)state;
    for (off_t left = 0; left < FW_JOURNAL_HEAD; left += 8) {
        struct place *p = place_open();
        save(p);
        assert_int_equal(truncate(p->journal, left), 0);
        start_again(p, 0);
        assert_int_equal(scan(p, 1 + (unsigned)left, 0, 30), 1);
        start_again(p, 1);
        (void)scan(p, 1 + (unsigned)left, 30, 40);
        assert_int_equal(opened(p), 0);
        place_close(p);
    }
}

static void without_a_state_nothing_is_noted(void **state) {
    struct place *p = place_open();
    struct fw_event ev;
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        ev = flow(FW_KIND_FLOW_DENY, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
        feed(p->f, &ev);
    }
    assert_int_equal(p->f->count, 1);
    assert_int_equal(fw_store_note(p->store, &p->f->documents[0]), 1);
    assert_int_equal(size_of(p->journal), 0);
    place_close(p);
}

/* ---- what is said while the state is written ---- */

struct saying {
    struct place *p;
    unsigned locks;
    unsigned say_at;
    unsigned give_up_at;
};

static bool lock_and_say(void *cookie) {
    struct saying *saying = cookie;

    if (++saying->locks == saying->give_up_at)
        return false;
    if (saying->locks == saying->say_at)
        assert_int_equal(scan(saying->p, 9, 0, 25), 1);
    return true;
}

static void unlock(void *cookie) {
    (void)cookie;
}

static void what_is_said_while_it_is_saved_stays_in_the_journal(void **state) {
    (void)state;
    for (unsigned at = 2; at < 12; at++) {
        struct place *p = place_open();
        struct saying saying = {.p = p, .say_at = at};
        const struct fw_store_guard guard = {.lock = lock_and_say, .unlock = unlock, .cookie = &saying};

        save(p);
        assert_int_equal(fw_store_save(p->store, p->f->engine, &guard, p->err, sizeof p->err), 0);
        assert_true(saying.locks > 12);
        assert_true(size_of(p->journal) > FW_JOURNAL_HEAD);
        assert_false(there(p, ".journal.new"));
        start_again(p, 1);
        (void)scan(p, 9, 25, 40);
        assert_int_equal(opened(p), 0);
        place_close(p);
    }
}

static void a_save_that_is_given_up_changes_nothing(void **state) {
    struct place *p = place_open();
    struct saying saying = {.p = p, .give_up_at = 4};
    const struct fw_store_guard guard = {.lock = lock_and_say, .unlock = unlock, .cookie = &saying};
    (void)state;
    save(p);
    const off_t size = size_of(p->path);
    assert_int_equal(scan(p, 1, 0, 25), 1);
    assert_int_equal(fw_store_save(p->store, p->f->engine, &guard, p->err, sizeof p->err), 1);
    assert_int_equal(size_of(p->path), size);
    assert_false(there(p, ".new"));
    start_again(p, 1);
    place_close(p);
}

static void one_that_fails_leaves_what_is_there(void **state) {
    struct place *p = place_open();
    char blocked[128];
    (void)state;
    save(p);
    (void)snprintf(blocked, sizeof blocked, "%s.new", p->path);
    assert_int_equal(mkdir(blocked, 0700), 0); /* root may write everywhere, but not over a directory */
    assert_int_equal(scan(p, 1, 0, 25), 1);
    assert_int_equal(fw_store_save(p->store, p->f->engine, NULL, p->err, sizeof p->err), -1);
    assert_non_null(strstr(p->err, "cannot be saved"));
    assert_int_equal(rmdir(blocked), 0);
    start_again(p, 1);
    place_close(p);
}

/* ---- files that cannot be used ---- */

static void they_are_set_aside_and_no_more_than_five(void **state) {
    struct place *p = place_open();
    struct fw_snapshot_head head;
    char ending[32];
    (void)state;
    for (unsigned i = 1; i <= FW_STORE_DAMAGED_MAX + 2; i++) {
        const unsigned name = i < FW_STORE_DAMAGED_MAX ? i : FW_STORE_DAMAGED_MAX;
        save(p);
        assert_int_equal(truncate(p->path, 100 + i), 0);
        assert_int_equal(fw_store_look(p->store, &head, p->err, sizeof p->err), FW_STORE_DAMAGED);
        (void)snprintf(ending, sizeof ending, ".damaged-%u", name);
        assert_true(there(p, ending));
        assert_non_null(strstr(p->err, ending));
        assert_false(there(p, ""));
    }
    assert_false(there(p, ".damaged-6"));
    place_close(p);
}

/* A byte anywhere. */
static void no_damage_goes_unseen(void **state) {
    struct place *p = place_open();
    struct fw_snapshot_head head;
    (void)state;
    scan(p, 1, 0, 20);
    save(p);
    const off_t size = size_of(p->path);
    for (off_t at = 0; at < size; at += at < 200 ? 1 : 997) {
        uint8_t byte;
        const int fd = open(p->path, O_RDWR);
        assert_true(fd >= 0);
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 4;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        assert_int_equal(close(fd), 0);
        if (fw_store_look(p->store, &head, p->err, sizeof p->err) != FW_STORE_DAMAGED)
            fail_msg("byte %lld", (long long)at);
        save(p);
    }
    assert_int_equal(truncate(p->path, size - 1), 0);
    assert_int_equal(fw_store_look(p->store, &head, p->err, sizeof p->err), FW_STORE_DAMAGED);
    place_close(p);
}

static void what_a_killed_one_left_is_taken_away(void **state) {
    struct place *p = place_open();
    char path[128];
    (void)state;
    save(p);
    (void)snprintf(path, sizeof path, "%s.new", p->path);
    const int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "half", 4), 4);
    assert_int_equal(close(fd), 0);
    start_again(p, 0);
    assert_false(there(p, ".new"));
    place_close(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_there_and_for_its_owner_alone),
        cmocka_unit_test(two_cannot_have_one_state),
        cmocka_unit_test(the_journal_knows_what_was_said_since),
        cmocka_unit_test(a_torn_record_ends_the_journal),
        cmocka_unit_test(garbage_in_the_journal_ends_it),
        cmocka_unit_test(a_journal_without_its_head_begins_anew),
        cmocka_unit_test(without_a_state_nothing_is_noted),
        cmocka_unit_test(what_is_said_while_it_is_saved_stays_in_the_journal),
        cmocka_unit_test(a_save_that_is_given_up_changes_nothing),
        cmocka_unit_test(one_that_fails_leaves_what_is_there),
        cmocka_unit_test(they_are_set_aside_and_no_more_than_five),
        cmocka_unit_test(no_damage_goes_unseen),
        cmocka_unit_test(what_a_killed_one_left_is_taken_away),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
