/* download_list.c: see download_list.h. */
#include "download_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../core/clock.h"
#include "../core/json.h"

/* Goes on from what id is, so that pieces one after the other make one name. */
void fw_download_hash(uint64_t id[2], const void *p, size_t len) {
    const struct fw_seed first = {{fw_seed_fixed.k[0] ^ id[0], fw_seed_fixed.k[1] ^ id[1]}};
    const struct fw_seed second = {{fw_seed_fixed.k[1] ^ id[1], ~fw_seed_fixed.k[0] ^ id[0]}};
    id[0] = fw_hash(&first, p, len);
    id[1] = fw_hash(&second, p, len);
}

/* Lower case; of a longer name its end, which says whose it is. */
static void copy_host(char host[FW_DOMAIN_MAX], const struct fw_str *name) {
    const size_t skip = name->len > FW_DOMAIN_MAX - 1 ? name->len - (FW_DOMAIN_MAX - 1) : 0;
    memset(host, 0, FW_DOMAIN_MAX);
    (void)fw_text_append(host, FW_DOMAIN_MAX, 0, name->p + skip, name->len - skip);
    for (char *c = host; *c != '\0'; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
}

void fw_download_describe(struct fw_download_entry *entry, const struct fw_event *ev,
                          const struct fw_download *download) {
    entry->src = ev->src;
    entry->has_dst = fw_event_has(ev, FW_BIT(dst));
    if (entry->has_dst)
        entry->dst = ev->dst;
    entry->disagrees = download->disagrees;
    copy_host(entry->host, &ev->host);
    entry->file[0] = entry->mime[0] = entry->path[0] = '\0';
    (void)fw_text_append(entry->file, sizeof entry->file, 0, download->file.p, download->file.len);
    (void)fw_text_append(entry->path, sizeof entry->path, 0, download->path.p, download->path.len);
    if (fw_event_has(ev, FW_BIT(mime)))
        (void)fw_text_append(entry->mime, sizeof entry->mime, 0, ev->mime.p, ev->mime.len);
}

void fw_download_list_add(struct fw_det *det, const struct fw_event *ev, const struct fw_download *download,
                          bool is_new, uint64_t bytes, const struct fw_sink *sink) {
    struct fw_download_key key = {.form = FW_DOWNLOAD_ROW};
    char host[FW_DOMAIN_MAX];
    copy_host(host, &ev->host);
    fw_download_hash(key.id, &ev->src, sizeof ev->src);
    fw_download_hash(key.id, host, sizeof host);
    fw_download_hash(key.id, download->path.p, download->path.len);
    struct fw_download_entry *row = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (row == NULL)
        return;
    if (row->matter.events == 0) {
        row->matter.start = ev->time;
        fw_download_describe(row, ev, download);
        row->known = !is_new;
    }
    row->bytes += bytes;
    fw_keyed_count(&row->matter, ev, ev->time);
}

/* ---- telling ---- */

/* Rows that are due: the first ones in order, and how many there are. */
struct page {
    struct fw_det *det;
    fw_time before;
    struct fw_download_entry *rows[FW_DOWNLOADS_PAGE];
    size_t count;
    uint64_t due;
    bool drop; /* they are too many: the rest is let go */
};

static int compare(const struct fw_download_entry *a, const struct fw_download_entry *b) {
    int order = fw_addr_compare(&a->src, &b->src);
    if (order == 0)
        order = strcmp(a->host, b->host);
    if (order == 0)
        order = strcmp(a->path, b->path);
    if (order == 0) /* paths that differ after what is kept of them */
        order = (a->matter.start > b->matter.start) - (a->matter.start < b->matter.start);
    return order;
}

static void insert(struct page *page, struct fw_download_entry *row) {
    size_t at = page->count;
    while (at > 0 && compare(page->rows[at - 1], row) > 0)
        at--;
    if (at == FW_DOWNLOADS_PAGE)
        return;
    if (page->count == FW_DOWNLOADS_PAGE)
        page->count--;
    memmove(&page->rows[at + 1], &page->rows[at], (page->count - at) * sizeof *page->rows);
    page->rows[at] = row;
    page->count++;
}

static bool collect(void *cookie, const void *k, void *value) {
    struct page *page = cookie;
    const struct fw_download_key *key = k;
    struct fw_download_entry *row = value;
    if (key->form != FW_DOWNLOAD_ROW || row->matter.start > page->before)
        return true;
    page->due++;
    if (page->drop)
        fw_table_remove(page->det->keyed.table, row);
    else
        insert(page, row);
    return true;
}

static void tell(const struct page *page, const struct fw_download_extra *extra, uint64_t dropped, fw_time now,
                 const struct fw_sink *sink) {
    struct fw_notice_download rows[FW_DOWNLOADS_PAGE];
    struct fw_notice notice = {.kind = FW_DOCUMENT_SUMMARY,
                               .action = "downloads",
                               .severity = 6,
                               .time = now,
                               .downloads = rows,
                               .downloads_count = page->count};
    char since[FW_TIME_TEXT];
    for (size_t i = 0; i < page->count; i++) {
        const struct fw_download_entry *row = page->rows[i];
        rows[i] = (struct fw_notice_download){.src = row->src,
                                              .first = row->matter.start,
                                              .last = row->matter.last,
                                              .events = row->matter.events,
                                              .bytes = row->bytes,
                                              .is_new = row->known == 0,
                                              .host = row->host,
                                              .path = row->path,
                                              .mime = row->mime};
    }
    if (extra->told == 0) {
        (void)fw_time_format(extra->since, since);
        (void)snprintf(notice.text, sizeof notice.text,
                       "downloads of programs since %.16sZ: %" PRIu64 ", and %" PRIu64 " from update services", since,
                       page->due, extra->updates);
        fw_notice_add(&notice, "downloads", page->due);
        fw_notice_add(&notice, "updates", extra->updates);
    } else {
        (void)snprintf(notice.text, sizeof notice.text, "downloads of programs, continued");
    }
    if (dropped > 0) {
        const size_t len = strlen(notice.text);
        (void)snprintf(notice.text + len, sizeof notice.text - len, "; %" PRIu64 " more are not listed", dropped);
        fw_notice_add(&notice, "left_out", dropped);
    }
    fw_findings_notice(sink->findings, &notice);
}

static void next_page(struct fw_det *det, fw_time now, const struct fw_sink *sink) {
    struct fw_download_extra *extra = fw_download_extra_of(det);
    struct page page = {.det = det, .before = extra->listed};
    uint64_t dropped = 0;
    if (extra->told > 0 && now >= extra->page && now - extra->page < FW_DOWNLOADS_GAP)
        return;
    fw_table_walk_oldest(det->keyed.table, collect, &page);
    extra->telling = page.count > 0;
    if (page.count == 0)
        return;
    extra->page = now;
    if (extra->told + page.count >= FW_DOWNLOADS_MOST && page.due > page.count)
        dropped = page.due - page.count;
    tell(&page, extra, dropped, now, sink);
    extra->told += page.count;
    extra->updates = 0;
    for (size_t i = 0; i < page.count; i++)
        fw_table_remove(det->keyed.table, page.rows[i]);
    if (dropped > 0) {
        struct page rest = {.det = det, .before = extra->listed, .drop = true};
        fw_table_walk_oldest(det->keyed.table, collect, &rest);
    }
}

void fw_download_list_advance(struct fw_det *det, fw_time now, fw_time interval, const struct fw_sink *sink) {
    struct fw_download_extra *extra = fw_download_extra_of(det);
    if (now < 0)
        return;
    if (extra->listed == 0 || extra->listed > now + interval)
        extra->listed = now + FW_CLOCK_LATENESS; /* the event that says so */
    /* at round times, so that a restart changes nothing */
    if (now / interval > extra->listed / interval) {
        extra->since = extra->listed;
        extra->listed = now;
        extra->telling = 1;
        extra->told = 0;
    }
    if (extra->telling != 0)
        next_page(det, now, sink);
}
