/* det_exe_download.c: a program is downloaded through the proxy (N13).
 *
 * Algorithm: every download of a program goes into the register of its user, with
 * the file's name; what is to be looked at is one from a host that the site has
 * not fetched programs from before, and one whose name says something else than
 * its type. Update services are data (lists/updates.yaml).
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
 *      each further machine that fetches from there within the day adds to it.
 *
 * Memory: about 300 bytes a host, without a gate: a download is rare.
 * What an attacker controls: URLs and MIME types; a program that is called
 * something harmless in both is not seen. Names are bounded and made printable.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../core/json.h"
#include "user.h"

enum param { P_WINDOW, P_QUIET };
enum { FILE_MAX_TEXT = 48 };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 86400, 90 * 86400, 30 * 86400, "as long as the register of users",
                  "after it a host is new again"},
    [P_QUIET] = {"quiet", FW_UNIT_SECONDS, 3600, 7 * 86400, 86400, "one finding a day at most",
                 "a finding is over after so long without a download"},
    {.name = NULL},
};

struct key {
    uint64_t host[2]; /* two hashes of its name: 128 bits */
};

struct entry {
    struct fw_matter matter; /* always first */
    union fw_addr src, dst;
    uint8_t has_dst;
    uint8_t disagrees;
    uint8_t known; /* the host was, when the finding opened */
    uint8_t zero[5];
    char host[FW_DOMAIN_MAX];
    char file[FILE_MAX_TEXT];
    char mime[FILE_MAX_TEXT];
};

/* ---- step 2 ---- */

static const char *const programs[] = {"exe", "scr", "pif", "com", "msi", "msp", "cab", "dll", "ocx",
                                       "cpl", "hta", "vbs", "vbe", "jse", "wsf", "ps1", "bat", "cmd",
                                       "lnk", "jar", "iso", "img", "apk", "dmg", "pkg", NULL};
static const char *const harmless[] = {"htm", "html", "txt",  "css", "jpg",  "jpeg", "png",  "gif", "ico", "bmp", "pdf",
                                       "svg", "xml",  "json", "mp3", "webp", "doc",  "docx", "xls", "mp4", NULL};
static const char *const program_types[] = {"application/x-msdownload",
                                            "application/x-msdos-program",
                                            "application/x-dosexec",
                                            "application/x-executable",
                                            "application/exe",
                                            "application/x-exe",
                                            "application/dos-exe",
                                            "application/x-winexe",
                                            "application/msdos-windows",
                                            "application/vnd.microsoft.portable-executable",
                                            "application/x-msi",
                                            "application/vnd.ms-cab-compressed",
                                            "application/hta",
                                            "application/x-sharedlib",
                                            "application/x-mach-binary",
                                            "application/vnd.android.package-archive",
                                            "application/java-archive",
                                            "application/x-ms-shortcut",
                                            NULL};
static const char *const script_types[] = {"application/js", "application/octet-stream", "application/x-download",
                                           "application/force-download", NULL};

static bool is_one_of(const char *const *list, const char *p, size_t len) {
    for (; *list != NULL; list++)
        if (strlen(*list) == len && strncasecmp(*list, p, len) == 0)
            return true;
    return false;
}

/* The last piece of text up to `end`, after the last '.', if it is short and of letters; len 0: none. */
static struct fw_str ending(const char *p, size_t end) {
    size_t at = end;
    while (at > 0 && end - at < 6 && p[at - 1] != '.' && p[at - 1] != '/')
        at--;
    if (at == 0 || p[at - 1] != '.' || at == end)
        return (struct fw_str){p, 0};
    return (struct fw_str){p + at, (uint32_t)(end - at)};
}

/* Where the path begins and ends: after the host, before '?' or '#'. */
static void path_of(const struct fw_str *url, size_t *begin, size_t *end) {
    size_t at = 0;
    for (size_t i = 0; i + 2 < url->len && i < 16; i++)
        if (memcmp(url->p + i, "://", 3) == 0) {
            at = i + 3;
            while (at < url->len && url->p[at] != '/' && url->p[at] != '?')
                at++;
            break;
        }
    *begin = at;
    while (at < url->len && url->p[at] != '?' && url->p[at] != '#' && url->p[at] != ';')
        at++;
    *end = at;
}

struct download {
    struct fw_str file;
    bool disagrees;
    bool doubtful; /* it may be what a server runs, not what it sends */
};

static bool is_page(const struct fw_str *mime) {
    static const char text[] = "text/";
    return (mime->len >= sizeof text - 1 && strncasecmp(mime->p, text, sizeof text - 1) == 0) ||
           is_one_of((const char *const[]){"application/javascript", "application/x-javascript", "application/json",
                                           "application/xml", NULL},
                     mime->p, mime->len);
}

static bool is_program(const struct fw_event *ev, struct download *out) {
    size_t begin, end, name;
    path_of(&ev->url, &begin, &end);
    const struct fw_str by_path = ending(ev->url.p, end > begin ? end : 0);
    const struct fw_str by_url = ending(ev->url.p, ev->url.len);
    const bool typed = fw_event_has(ev, FW_BIT(mime));
    const bool by_type = typed && is_one_of(program_types, ev->mime.p, ev->mime.len);
    const bool script = is_one_of((const char *const[]){"js", NULL}, by_path.p, by_path.len) && typed &&
                        is_one_of(script_types, ev->mime.p, ev->mime.len);
    const bool named = end > begin && is_one_of(programs, by_path.p, by_path.len);
    name = end;
    while (name > begin && ev->url.p[name - 1] != '/')
        name--;
    out->file = (struct fw_str){ev->url.p + name, (uint32_t)(end - name)};
    out->disagrees = by_type && is_one_of(harmless, by_path.p, by_path.len); /* step 4 */
    const bool posted = fw_event_has(ev, FW_BIT(method)) && ev->method.len == 4 && memcmp(ev->method.p, "POST", 4) == 0;
    const bool queried = end < ev->url.len && (!typed || is_page(&ev->mime));
    out->doubtful = !by_type && !script && (!named || posted || queried);
    return by_type || script || named ||
           (ev->url.len > end && is_one_of(programs, by_url.p, by_url.len) && strncasecmp(by_url.p, "com", 3) != 0);
}

/* Step 1. */
static bool is_fetched(const struct fw_event *ev) {
    if ((ev->src_roles & FW_ROLE_HOME) == 0 || (fw_event_has(ev, FW_BIT(action)) && ev->action == FW_ACTION_DENY))
        return false;
    if (fw_event_has(ev, FW_BIT(method)) && ev->method.len == 7 && memcmp(ev->method.p, "CONNECT", 7) == 0)
        return false;
    return !fw_event_has(ev, FW_BIT(status)) || ev->status == 200 || ev->status == 203 || ev->status == 206;
}

/* ---- steps 3 and 5 ---- */

static void key_of_host(struct key *key, const struct fw_str *host) {
    char text[FW_DOMAIN_NAME_MAX + 1];
    const size_t len = host->len < sizeof text - 1 ? host->len : sizeof text - 1;
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(host->p[i] >= 'A' && host->p[i] <= 'Z' ? host->p[i] + ('a' - 'A') : host->p[i]);
    key->host[0] = fw_hash(&fw_seed_fixed, text, len);
    text[len] = '|';
    key->host[1] = fw_hash(&fw_seed_fixed, text, len + 1);
}

static void describe_file(struct entry *entry, const struct fw_event *ev, const struct download *download) {
    entry->src = ev->src;
    entry->has_dst = fw_event_has(ev, FW_BIT(dst));
    if (entry->has_dst)
        entry->dst = ev->dst;
    entry->disagrees = download->disagrees;
    (void)fw_text_append(entry->host, sizeof entry->host, 0, ev->host.p, ev->host.len);
    entry->file[0] = entry->mime[0] = '\0';
    (void)fw_text_append(entry->file, sizeof entry->file, 0, download->file.p, download->file.len);
    if (fw_event_has(ev, FW_BIT(mime)))
        (void)fw_text_append(entry->mime, sizeof entry->mime, 0, ev->mime.p, ev->mime.len);
}

static void look_at_host(struct fw_det *det, const struct fw_event *ev, const struct download *download, bool forbidden,
                         const struct fw_sink *sink) {
    struct key key;
    key_of_host(&key, &ev->host);
    struct entry *entry = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (entry == NULL)
        return;
    struct fw_matter *matter = &entry->matter;
    const bool fresh = matter->events == 0;
    const bool news = fresh || forbidden || (download->disagrees && !entry->disagrees);
    const bool goes_on = matter->handle != 0;
    if (news && !goes_on) {
        matter->start = ev->time;
        matter->events = matter->denied = matter->late = 0;
        describe_file(entry, ev, download);
        entry->known = !fresh;
    }
    fw_keyed_count(matter, ev, ev->time);
    matter->threshold = 1;
    if (!news && !goes_on)
        return;
    entry->disagrees |= download->disagrees;
    struct fw_report report = {.subject = {.src = entry->src,
                                           .has_src = true,
                                           .dst = entry->dst,
                                           .has_dst = entry->has_dst != 0,
                                           .proto = -1,
                                           .dport = -1},
                               .time = ev->time,
                               .stage = entry->disagrees ? 2 : 1,
                               .value = 1};
    fw_keyed_report(&det->keyed, sink, matter, &report);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct download download;
    bool updates;
    if (!is_fetched(ev) || ev->url.len == 0 || !is_program(ev, &download))
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
    if (!updates && !ev->late && !download.doubtful) /* step 3 */
        look_at_host(det, ev, &download, news == FW_USE_FORBIDDEN, sink);
}

static fw_time quiet(const struct fw_det *det) {
    return det->values[P_QUIET] * FW_SECOND;
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct entry *entry = value;
    char src[FW_ADDR_TEXT_MAX];
    (void)fw_addr_format(&entry->src, src);
    (void)snprintf(out->sentence, sizeof out->sentence, "%s downloaded %.32s%s%.32s from %s%s%s", src,
                   entry->file[0] != '\0' ? entry->file : "a program", entry->mime[0] != '\0' ? " as " : "",
                   entry->mime, entry->host, entry->known ? "" : ", new to the site",
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

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {
        .name = "exe_download", .key_size = sizeof(struct key), .value_size = sizeof(struct entry), .table_pct = 100};
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
    .advance = fw_keyed_advance,
    .shift = fw_keyed_shift,
    .describe = describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = fw_keyed_loaded,
    .close = fw_keyed_close,
};
