/* det_exe_download.c: a program is downloaded through the proxy (N13).
 *
 * Algorithm: every download of a program goes into the register of its user, with
 * the file's name, and into the list of downloads (download_list.h). What is to be
 * looked at is one from a host that the site has not fetched programs from before,
 * and one whose name says something else than its type. What is new can only be
 * told when it is known what is usual: at first the hosts are learned. Update
 * services are data (lists/updates.yaml).
 *
 * Steps, which code and tests repeat:
 *   1. requests from home that were answered (status 200, 203, 206, or none in the
 *      log) and not denied;
 *   2. a program by the end of the path or of the URL (exe scr pif com msi msp cab
 *      dll ocx cpl hta vbs vbe jse wsf ps1 bat cmd lnk jar iso img apk dmg pkg), or
 *      by the MIME type; scripts of web pages (.js as JavaScript) are none, a .js
 *      that comes as a download is;
 *   3. what comes from an update service goes into the register only, and so does
 *      what may be a program of the server's: a page that is asked for with a
 *      query (/ads.dll?id=7) or posted to, and a name at the end of a query;
 *   4. a program by its MIME type whose path ends like a picture, a page or a text:
 *      they disagree; a path without an ending, or a program's, does not;
 *   5. a host that no program came from within 30 days is new to the site: a
 *      finding, stage 2 when they disagree; a known host with step 4 is one, too;
 *      each further machine that fetches from there within the day adds to it;
 *   6. for `learning` after the first request that was seen, a host is not told for
 *      being new, unless it is a bare address: programs that people choose come from
 *      hosts with names;
 *   7. the same client that fetches a file of the same name from another host while
 *      the finding lasts uses a mirror, or tries again: it adds to that finding.
 *
 * Memory: about 500 bytes a host, a row of the list, and a file that was told,
 * without a gate: a download is rare. Hosts outlast the others.
 * What an attacker controls: URLs and MIME types; a program that is called
 * something harmless in both is not seen. Names are bounded and made printable.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "download_list.h"
#include "user.h"

enum param { P_WINDOW, P_QUIET, P_LEARNING, P_LIST };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 86400, 90 * 86400, 30 * 86400, "as long as the register of users",
                  "after it a host is new again"},
    [P_QUIET] = {"quiet", FW_UNIT_SECONDS, 3600, 7 * 86400, 86400, "one finding a day at most",
                 "a finding is over after so long without a download"},
    [P_LEARNING] = {"learning", FW_UNIT_SECONDS, 0, 30 * 86400, 7 * 86400, "a week has all that a site does each week",
                    "from the first request on, in which a host is not told for being new; 0: none"},
    [P_LIST] = {"list", FW_UNIT_SECONDS, 60, 7 * 86400, 86400, "as the lists of users",
                "downloads are listed each time so much has passed"},
    {.name = NULL},
};

/* ---- steps 3, 5 to 7 ---- */

static void set_host(struct fw_download_key *key, const struct fw_str *host) {
    char text[FW_DOMAIN_NAME_MAX];
    const size_t len = host->len < sizeof text ? host->len : sizeof text;
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(host->p[i] >= 'A' && host->p[i] <= 'Z' ? host->p[i] + ('a' - 'A') : host->p[i]);
    *key = (struct fw_download_key){.form = FW_DOWNLOAD_HOST};
    fw_download_hash(key->id, text, len);
}

static void set_file(struct fw_download_key *key, const struct fw_event *ev, const struct fw_str *file) {
    *key = (struct fw_download_key){.form = FW_DOWNLOAD_FILE};
    fw_download_hash(key->id, &ev->src, sizeof ev->src);
    fw_download_hash(key->id, file->p, file->len);
}

static bool is_nameless(const struct fw_sink *sink, const struct fw_str *host) {
    union fw_addr addr;
    return fw_addr_parse(&addr, host->p, host->len) == 0 &&
           (sink->site == NULL || (fw_site_place(sink->site, &addr)->roles & FW_ROLE_HOME) == 0);
}

static fw_time quiet(const struct fw_det *det) {
    return det->values[P_QUIET] * FW_SECOND;
}

static bool is_learning(struct fw_det *det, fw_time time) {
    struct fw_download_extra *extra = fw_download_extra_of(det);
    if (extra->began == 0)
        extra->began = time;
    return time - extra->began < det->values[P_LEARNING] * FW_SECOND;
}

static void report(struct fw_det *det, struct fw_download_entry *entry, fw_time time, const struct fw_sink *sink) {
    struct fw_report what = {.subject = {.src = entry->src,
                                         .has_src = true,
                                         .dst = entry->dst,
                                         .has_dst = entry->has_dst != 0,
                                         .proto = -1,
                                         .dport = -1},
                             .time = time,
                             .stage = entry->disagrees ? 2 : 1,
                             .value = entry->hosts};
    fw_keyed_report(&det->keyed, sink, &entry->matter, &what);
}

/* Step 7. The host whose finding tells of this client's file already, and it is open; NULL: none. */
static struct fw_download_entry *told_by(struct fw_det *det, const struct fw_event *ev, const uint64_t id[2],
                                         const struct fw_sink *sink) {
    const struct fw_download_key key = {.form = FW_DOWNLOAD_HOST, .id = {id[0], id[1]}};
    if (id[0] == 0 && id[1] == 0)
        return NULL;
    struct fw_download_entry *host = fw_keyed_find(&det->keyed, sink, &key, ev->time);
    return host != NULL && host->matter.handle != 0 ? host : NULL;
}

static struct fw_download_entry *mirror_of(struct fw_det *det, const struct fw_event *ev, const struct fw_str *file,
                                           struct fw_download_entry *entry, const struct fw_sink *sink) {
    struct fw_download_key key;
    if (file->len == 0)
        return NULL;
    set_file(&key, ev, file);
    const struct fw_download_entry *known = fw_keyed_find(&det->keyed, sink, &key, ev->time);
    if (known == NULL || ev->time - known->matter.last >= quiet(det))
        return NULL;
    struct fw_download_entry *other = told_by(det, ev, known->told_by, sink);
    if (other != NULL && other != entry)
        memcpy(entry->told_by, known->told_by, sizeof entry->told_by);
    return other != entry ? other : NULL;
}

static void note_file(struct fw_det *det, const struct fw_event *ev, const struct fw_str *file,
                      const struct fw_download_key *host, const struct fw_sink *sink) {
    struct fw_download_key key;
    if (file->len == 0)
        return;
    set_file(&key, ev, file);
    struct fw_download_entry *entry = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (entry == NULL)
        return;
    if (entry->matter.events == 0)
        entry->matter.start = ev->time;
    fw_keyed_count(&entry->matter, ev, ev->time);
    memcpy(entry->told_by, host->id, sizeof entry->told_by);
}

/* One more download that an open finding is about. */
static void add_to(struct fw_det *det, struct fw_download_entry *entry, const struct fw_event *ev,
                   const struct fw_download *download, const struct fw_sink *sink) {
    entry->disagrees |= download->disagrees;
    fw_keyed_count(&entry->matter, ev, ev->time);
    report(det, entry, ev->time, sink);
}

/* Returns whether the host was new. */
static bool look_at_host(struct fw_det *det, const struct fw_event *ev, const struct fw_download *download,
                         bool forbidden, const struct fw_sink *sink) {
    struct fw_download_key key;
    set_host(&key, &ev->host);
    struct fw_download_entry *entry = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (entry == NULL)
        return false;
    struct fw_matter *matter = &entry->matter;
    const bool fresh = matter->events == 0;
    if (fresh) {
        matter->start = ev->time;
        entry->nameless = is_nameless(sink, &ev->host);
    }
    struct fw_download_entry *other = matter->handle == 0 ? told_by(det, ev, entry->told_by, sink) : NULL;
    const bool worth = forbidden || download->disagrees || (fresh && (entry->nameless || !is_learning(det, ev->time)));
    const bool mirror = other == NULL && matter->handle == 0 && worth &&
                        (other = mirror_of(det, ev, &download->file, entry, sink)) != NULL;
    if (matter->handle != 0) {
        add_to(det, entry, ev, download, sink);
    } else if (other != NULL) {
        other->hosts += mirror;
        add_to(det, other, ev, download, sink);
        fw_keyed_count(matter, ev, ev->time);
    } else if (worth) {
        matter->start = ev->time;
        matter->events = matter->denied = matter->late = 0;
        matter->threshold = 1;
        fw_download_describe(entry, ev, download);
        entry->known = !fresh;
        entry->hosts = 1;
        memset(entry->told_by, 0, sizeof entry->told_by);
        add_to(det, entry, ev, download, sink);
        note_file(det, ev, &download->file, &key, sink);
    } else {
        fw_keyed_count(matter, ev, ev->time);
    }
    return fresh;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct fw_download download;
    bool updates, is_new = false;
    (void)is_learning(det, ev->time); /* whatever is requested says that somebody watches */
    if (!fw_download_is_fetched(ev) || ev->url.len == 0 || !fw_download_is_program(ev, &download))
        return;
    (void)fw_lists_host(sink->site, &ev->host, &updates);
    struct fw_use use = {.src = ev->src,
                         .app = "exe_download",
                         .time = ev->time,
                         .late = ev->late,
                         .has_dst = fw_event_has(ev, FW_BIT(dst)),
                         .bytes = fw_user_bytes(ev),
                         .version = download.file};
    if (use.has_dst)
        use.dst = ev->dst;
    const enum fw_use_news news = fw_sink_use(sink, &use, NULL);
    if (updates) { /* step 3 */
        fw_download_extra_of(det)->updates++;
        return;
    }
    if (!ev->late && !download.doubtful)
        is_new = look_at_host(det, ev, &download, news == FW_USE_FORBIDDEN, sink);
    fw_download_list_add(det, ev, &download, is_new, use.bytes, sink);
}

static void advance(struct fw_det *det, fw_time now, const struct fw_sink *sink) {
    if (now != FW_TIME_NONE) /* before rows are too old: a log may have nothing for longer than the window */
        fw_download_list_advance(det, now, det->values[P_LIST] * FW_SECOND, sink);
    fw_keyed_advance(det, now, sink);
}

static void shift_time(fw_time *time, fw_time from, fw_time delta) {
    if (*time > from)
        *time += delta;
}

static void shift(struct fw_det *det, fw_time from, fw_time delta) {
    struct fw_download_extra *extra = fw_download_extra_of(det);
    fw_keyed_shift(det, from, delta);
    shift_time(&extra->began, from, delta);
    shift_time(&extra->listed, from, delta);
    shift_time(&extra->since, from, delta);
    shift_time(&extra->page, from, delta);
}

/* A forged state may say anything; times are reckoned with. */
static void loaded(struct fw_det *det, const struct fw_sink *sink) {
    struct fw_download_extra *extra = fw_download_extra_of(det);
    fw_time *const times[] = {&extra->began, &extra->listed, &extra->since, &extra->page};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (*times[i] < -FW_TIME_MAX || *times[i] > FW_TIME_MAX)
            *times[i] = 0;
    fw_keyed_loaded(det, sink);
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct fw_download_entry *entry = value;
    char src[FW_ADDR_TEXT_MAX], more[40] = "";
    (void)fw_addr_format(&entry->src, src);
    if (entry->hosts > 1)
        (void)snprintf(more, sizeof more, " and %" PRIu64 " other host%s", entry->hosts - 1,
                       entry->hosts > 2 ? "s" : "");
    (void)snprintf(out->sentence, sizeof out->sentence, "%s downloaded %.32s%s%.32s from %s%s%s%s", src,
                   entry->file[0] != '\0' ? entry->file : "a program", entry->mime[0] != '\0' ? " as " : "",
                   entry->mime, entry->host, more,
                   entry->known      ? ""
                   : entry->nameless ? ", an address without a name"
                                     : ", new to the site",
                   entry->disagrees ? ": its name and its type disagree" : "");
    (void)snprintf(out->key, sizeof out->key, "%s", entry->host);
    memcpy(out->domain, entry->host, sizeof out->domain);
    out->measure = "downloads";
    out->value = entry->matter.events;
    out->window = fw_keyed_window(det);
    out->confidence = 70;
    out->raise = entry->disagrees ? 10 : 0;
    out->next_step =
        "Ask the user what it is. If nobody meant to fetch it, take the file from the proxy's cache or the "
        "machine, have it checked, and see what the machine did after it.";
    fw_keyed_edges(&entry->matter, entry->has_dst ? &entry->dst : NULL, -1, out);
}

/* Rows and files are for a day, a host is what the site knows. */
static uint32_t worth(void *cookie, const void *value) {
    const struct fw_keyed *keyed = cookie;
    const struct fw_download_key *key = fw_table_key(keyed->table, value);
    return key->form == FW_DOWNLOAD_HOST ? FW_KEYED_WORTH_LEAST : 0;
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "exe_download",
                                         .key_size = sizeof(struct fw_download_key),
                                         .value_size = sizeof(struct fw_download_entry),
                                         .table_pct = 100,
                                         .worth = worth,
                                         .version = 1,
                                         .extra = sizeof(struct fw_download_extra)};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

extern const struct fw_detector_ops fw_det_exe_download;
const struct fw_detector_ops fw_det_exe_download = {
    .name = "exe_download",
    .title = "download of a program",
    .requirement = "N13",
    .class = FW_CLASS_USAGE,
    .technique_id = "T1105",
    .technique_name = "Ingress Tool Transfer",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_HTTP,
    .needs = FW_BIT(src) | FW_BIT(url) | FW_BIT(host),
    .uses = FW_BIT(dst) | FW_BIT(mime) | FW_BIT(status) | FW_BIT(method) | FW_BIT(action) | FW_BIT(bytes) |
            FW_BIT(sent) | FW_BIT(rcvd),
    .params = params,
    .weight = 1,
    .quiet = quiet,
    .open = open_det,
    .observe = observe,
    .advance = advance,
    .shift = shift,
    .describe = describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = loaded,
    .close = fw_keyed_close,
};
