/* usage_list.c: the lists of users: for each application a document of those who used it, at round times.
 *
 * A document holds FW_USAGE_PAGE users; what has more comes in several, some
 * seconds of event time apart, so that a large site does not crowd out other
 * notices. Users come in the order of applications and addresses: which of them
 * are on which page depends on nothing else.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "json.h"
#include "notice.h"
#include "usage_inside.h"

static int compare(const struct fw_usage_key *a, const struct fw_usage_key *b) {
    const int order = memcmp(a->app, b->app, sizeof a->app);
    return order != 0 ? order : fw_addr_compare(&a->src, &b->src);
}

/* Of the application that is next, all in all, and its users on this page. */
struct page {
    const struct fw_usage *usage;
    struct fw_usage_key first; /* the next user; app "": nobody is left */
    uint64_t users, fresh, events, bytes;
    struct {
        struct fw_usage_key key;
        struct fw_usage_entry *entry;
    } rows[FW_USAGE_PAGE];
    size_t count;
};

static bool is_due(const struct page *page, const struct fw_usage_key *key, const struct fw_usage_entry *entry) {
    return entry->listed_events > 0 && compare(key, &page->usage->told) > 0;
}

static bool find_first(void *cookie, const void *key, void *value) {
    struct page *page = cookie;
    if (is_due(page, key, value) && (page->first.app[0] == '\0' || compare(key, &page->first) < 0))
        page->first = *(const struct fw_usage_key *)key;
    return true;
}

static void insert(struct page *page, const struct fw_usage_key *key, struct fw_usage_entry *entry) {
    size_t at = page->count;
    while (at > 0 && compare(&page->rows[at - 1].key, key) > 0)
        at--;
    if (at == FW_USAGE_PAGE)
        return;
    if (page->count == FW_USAGE_PAGE)
        page->count--;
    memmove(&page->rows[at + 1], &page->rows[at], (page->count - at) * sizeof *page->rows);
    page->rows[at].key = *key;
    page->rows[at].entry = entry;
    page->count++;
}

static bool collect(void *cookie, const void *k, void *value) {
    struct page *page = cookie;
    const struct fw_usage_key *key = k;
    struct fw_usage_entry *entry = value;
    if (memcmp(key->app, page->first.app, sizeof key->app) != 0 || !is_due(page, key, entry))
        return true;
    page->users++;
    page->fresh += entry->listed == 0;
    page->events += entry->listed_events;
    page->bytes += entry->listed_bytes;
    insert(page, key, entry);
    return true;
}

static void write_row(const struct fw_usage *usage, const struct fw_usage_key *key, const struct fw_usage_entry *entry,
                      struct fw_notice_user *row) {
    struct fw_user user;
    fw_usage_view(usage, key, entry, entry->last, &user);
    *row = (struct fw_notice_user){.src = key->src,
                                   .first = user.first,
                                   .last = user.last,
                                   .days = user.days,
                                   .events = entry->listed_events,
                                   .bytes = entry->listed_bytes,
                                   .destinations = user.destinations,
                                   .state = fw_app_state_name(user.state)};
    memcpy(row->version, user.version, sizeof row->version);
}

static void write_sentence(const struct page *page, bool continued, struct fw_notice *notice) {
    char since[FW_TIME_TEXT];
    size_t len;
    (void)fw_time_format(page->usage->since, since);
    if (continued)
        (void)snprintf(notice->text, sizeof notice->text, "%s, continued:", page->first.app);
    else
        (void)snprintf(notice->text, sizeof notice->text,
                       "%s: %" PRIu64 " user%s since %.16sZ, %" PRIu64 " new:", page->first.app, page->users,
                       page->users == 1 ? "" : "s", since, page->fresh);
    len = strlen(notice->text);
    for (size_t i = 0; i < page->count; i++) {
        char src[FW_ADDR_TEXT_MAX + 1] = " ";
        const size_t more = 1 + fw_addr_format(&page->rows[i].key.src, src + 1);
        if (len + more + 4 >= sizeof notice->text)
            break;
        len = fw_text_append(notice->text, sizeof notice->text, len, src, more);
    }
}

static void tell_page(struct fw_usage *usage, struct page *page, fw_time now, struct fw_findings *findings) {
    struct fw_notice_user rows[FW_USAGE_PAGE];
    struct fw_notice notice = {.kind = FW_DOCUMENT_SUMMARY,
                               .action = "application-users",
                               .severity = 6,
                               .time = now,
                               .application = page->first.app,
                               .users = rows,
                               .users_count = page->count};
    const bool continued = memcmp(usage->told.app, page->first.app, sizeof page->first.app) == 0;
    for (size_t i = 0; i < page->count; i++)
        write_row(usage, &page->rows[i].key, page->rows[i].entry, &rows[i]);
    write_sentence(page, continued, &notice);
    if (!continued) {
        fw_notice_add(&notice, "users", page->users);
        fw_notice_add(&notice, "new", page->fresh);
        fw_notice_add(&notice, "events", page->events);
        fw_notice_add(&notice, "bytes", page->bytes);
    }
    fw_findings_notice(findings, &notice);
    for (size_t i = 0; i < page->count; i++) {
        page->rows[i].entry->listed_events = page->rows[i].entry->listed_bytes = 0;
        page->rows[i].entry->listed = 1;
    }
    usage->told = page->rows[page->count - 1].key;
}

static void next_page(struct fw_usage *usage, fw_time now, struct fw_findings *findings) {
    struct page page = {.usage = usage};
    if (usage->page != FW_TIME_NONE && now >= usage->page && now - usage->page < FW_USAGE_PAGE_GAP)
        return;
    fw_table_walk_oldest(usage->table, find_first, &page);
    usage->telling = page.first.app[0] != '\0';
    if (!usage->telling)
        return;
    usage->page = now;
    fw_table_walk_oldest(usage->table, collect, &page);
    tell_page(usage, &page, now, findings);
}

void fw_usage_list(struct fw_usage *usage, fw_time now, struct fw_findings *findings) {
    if (usage->listed == FW_TIME_NONE || usage->listed > now + usage->interval)
        usage->listed = now + FW_CLOCK_LATENESS; /* the event that says so */
    /* at round times, so that a restart changes nothing */
    if (now / usage->interval > usage->listed / usage->interval) {
        usage->since = usage->listed;
        usage->listed = now;
        usage->telling = 1;
        memset(&usage->told, 0, sizeof usage->told);
    }
    if (usage->telling)
        next_page(usage, now, findings);
}
