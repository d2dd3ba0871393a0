/* download.c: see download.h. */
#include "download.h"

#include <string.h>
#include <strings.h>

#include "../core/site.h"

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

static bool is_page(const struct fw_str *mime) {
    static const char text[] = "text/";
    return (mime->len >= sizeof text - 1 && strncasecmp(mime->p, text, sizeof text - 1) == 0) ||
           is_one_of((const char *const[]){"application/javascript", "application/x-javascript", "application/json",
                                           "application/xml", NULL},
                     mime->p, mime->len);
}

bool fw_download_is_program(const struct fw_event *ev, struct fw_download *out) {
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
    out->path = (struct fw_str){ev->url.p + begin, (uint32_t)(end - begin)};
    out->file = (struct fw_str){ev->url.p + name, (uint32_t)(end - name)};
    out->disagrees = by_type && is_one_of(harmless, by_path.p, by_path.len); /* step 4 */
    const bool posted = fw_event_has(ev, FW_BIT(method)) && ev->method.len == 4 && memcmp(ev->method.p, "POST", 4) == 0;
    const bool queried = end < ev->url.len && (!typed || is_page(&ev->mime));
    out->doubtful = !by_type && !script && (!named || posted || queried);
    return by_type || script || named ||
           (ev->url.len > end && is_one_of(programs, by_url.p, by_url.len) && strncasecmp(by_url.p, "com", 3) != 0);
}

/* ---- step 1 ---- */

bool fw_download_is_fetched(const struct fw_event *ev) {
    if ((ev->src_roles & FW_ROLE_HOME) == 0 || (fw_event_has(ev, FW_BIT(action)) && ev->action == FW_ACTION_DENY))
        return false;
    if (fw_event_has(ev, FW_BIT(method)) && ev->method.len == 7 && memcmp(ev->method.p, "CONNECT", 7) == 0)
        return false;
    return !fw_event_has(ev, FW_BIT(status)) || ev->status == 200 || ev->status == 203 || ev->status == 206;
}
