/* header.c: see header.h.
 *
 * Steps, each anchored where the one before ended:
 *  1. PRI.
 *  2. RFC 5424, when a version follows the PRI, or stands before an ISO stamp where the PRI was taken away.
 *  3. A stamp (stamp.h).
 *  4. The host name, only after a stamp; after seconds since 1970 a number is none.
 *  5. Cisco's mnemonic, at once or after what its devices put before it.
 *  6. The tag.
 * The rest is content.
 */
#include "header.h"

#include <string.h>

#include "stamp.h"

#define HOST_MAX 255 /* bytes; RFC 1035 */
#define TAG_MAX  48  /* bytes; RFC 5424 APP-NAME */
#define PID_MAX  128 /* bytes; RFC 5424 PROCID */
#define ZONE_MAX 5   /* letters of a zone word: CEST, AEST */

#define IOS_PARTS 6 /* what read_ios() passes over, and the mnemonic */

/* Letters, digits and what host names and addresses are made of: "fw1", "10.0.0.1/10.0.0.1", "2001:db8::1", "[fw]". */
static const uint8_t host_char[256] = {
    ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['.'] = 1, ['-'] = 1, ['_'] = 1,
    ['/'] = 1,         [':'] = 1,         ['@'] = 1,         ['['] = 1, [']'] = 1,
};
/* A program name: anything printable that does not end one or look like key=value. */
static const uint8_t tag_char[256] = {
    ['!'] = 1, ['#' ... '$'] = 1, ['&' ... '9'] = 1, [';' ... '<'] = 1, ['>' ... 'Z'] = 1, ['\\' ... '~'] = 1,
};

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

static void put_stamp(struct fw_header *header, const struct fw_stamp *stamp) {
    header->time = stamp->time;
    header->zoned = stamp->zoned;
    header->local = stamp->local;
    header->fold = stamp->fold;
}

static const char *skip_blanks(const char *p) {
    while (*p == ' ')
        p++;
    return p;
}

static const char *read_pri(const char *p, int *pri) {
    int value = 0;
    int n = 1;

    if (*p != '<')
        return p;
    for (; n <= 3 && is_digit(p[n]); n++)
        value = value * 10 + (p[n] - '0');
    if (n == 1 || p[n] != '>' || value > 191)
        return p;
    *pri = value;
    return p + n + 1;
}

/* a word of host characters that a blank (or the end) follows and that is no tag; NULL: none */
static const char *read_host(const char *p, struct fw_str *host) {
    const char *start = p;

    while (host_char[(uint8_t)*p])
        p++;
    if (p == start || p - start > HOST_MAX || (*p != ' ' && *p != '\0') || p[-1] == ':')
        return NULL;
    host->p = start;
    host->len = (uint32_t)(p - start);
    return p;
}

/* "kernel:", "sshd[4711]:"; what follows the colon, or NULL */
static const char *read_tag(const char *p, struct fw_str *tag) {
    const char *start = p;

    while (tag_char[(uint8_t)*p])
        p++;
    if (p == start || p - start > TAG_MAX)
        return NULL;
    tag->len = (uint32_t)(p - start);
    if (*p == '[') {
        const char *pid = ++p;

        while (*p != ']' && *p != ' ' && *p != '\0')
            p++;
        if (*p != ']' || p - pid > PID_MAX)
            return NULL;
        p++;
    }
    if (*p != ':' || (p[1] != ' ' && p[1] != '[' && p[1] != '%' && p[1] != '\0'))
        return NULL;
    tag->p = start;
    return p + 1;
}

/* "%ASA-6-302013:", "%PIX-4-...", "%ASA-session-3-106010:" and IOS's "%SEC-6-IPACCESSLOGP:", "%IPV6_ACL-6-" begin like
 * this */
static bool is_mnemonic(const char *p) {
    if (*p++ != '%')
        return false;
    const char *start = p;

    while ((*p >= 'A' && *p <= 'Z') || (p > start && (is_digit(*p) || *p == '_')))
        p++;
    return p - start >= 2 && *p == '-';
}

/* A second stamp with its zone word: "Jul 10 14:24:56 PDT", "Dec 30 2003 02:13:28". */
static const char *read_device_stamp(struct fw_header_reader *reader, const char *p, const char *end,
                                     struct fw_header *header) {
    struct fw_stamp stamp;
    const char *rest = fw_stamp_read(reader, p, end, &stamp);

    if (rest == NULL)
        return p;
    if (stamp.zoned || header->time == FW_TIME_NONE) {
        put_stamp(header, &stamp);
    }
    const char *zone = skip_blanks(rest);
    int letters = 0;

    while (zone[letters] >= 'A' && zone[letters] <= 'Z' && letters <= ZONE_MAX)
        letters++;
    return letters >= 1 && letters <= ZONE_MAX && zone[letters] == ':' ? zone + letters : rest;
}

/* What Cisco's devices put between the header's host (or stamp) and the mnemonic:
 *   [name] [":"] [stamp [zone]] [name] [":"]
 * all separated by blanks. Returns where the mnemonic is, or NULL. */
static const char *read_cisco(struct fw_header_reader *reader, const char *p, const char *end,
                              struct fw_header *header) {
    struct fw_header tried = *header;
    struct fw_str name = {0};
    const char *rest;

    p = skip_blanks(p);
    if (*p != ':' && tried.host.len != 0 && fw_stamp_read(reader, p, end, &(struct fw_stamp){0}) == NULL &&
        (rest = read_host(p, &name)) != NULL)
        p = skip_blanks(rest);
    if (*p == ':')
        p = skip_blanks(p + 1);
    p = skip_blanks(read_device_stamp(reader, p, end, &tried));
    if (*p != ':' && (rest = read_host(p, &name)) != NULL)
        p = skip_blanks(rest);
    if (*p == ':')
        p = skip_blanks(p + 1);
    if (!is_mnemonic(p))
        return NULL;
    if (tried.host.len == 0)
        tried.host = name;
    *header = tried;
    return p;
}

/* "5d17h", "00:01:01", "1y3w": the uptime IOS prints where it knows no time; digits alone: a sequence number */
static bool is_uptime_or_number(const char *p, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (!is_digit(p[i]) && (i == 0 || strchr("ywdhms:", p[i]) == NULL))
            return false;
    return len != 0 && is_digit(*p);
}

/* What IOS puts before its mnemonic:
 *   [number ":"] [name ":"] [number ":"] [["*" or "."] stamp [zone] ":" or uptime ":"]
 * A name only where there is no host yet: behind a host it would be a program, whose text anybody may have chosen.
 * A stamp behind "*" is of a clock that was never set. Returns where the mnemonic is, or NULL. */
static const char *read_ios(struct fw_header_reader *reader, const char *p, const char *end, struct fw_header *header) {
    struct fw_header tried = *header;

    for (int i = 0; i < IOS_PARTS; i++) {
        p = skip_blanks(p);
        if (is_mnemonic(p)) {
            tried.tag = (struct fw_str){NULL, 0};
            *header = tried;
            return p;
        }
        struct fw_header unset = tried;
        const char *clock = *p == '*' || *p == '.' ? p + 1 : p;
        const char *rest = read_device_stamp(reader, clock, end, *p == '*' ? &unset : &tried);

        if (rest != clock) {
            p = *rest == ':' ? rest + 1 : rest;
            continue;
        }
        rest = p;
        while (host_char[(uint8_t)*rest])
            rest++;
        if (rest == p || *rest != ' ' || rest[-1] != ':' || rest - p > HOST_MAX)
            return NULL;
        if (!is_uptime_or_number(p, (size_t)(rest - p - 1))) {
            if (tried.host.len != 0)
                return NULL;
            tried.host = (struct fw_str){p, (uint32_t)(rest - p - 1)};
        }
        p = rest;
    }
    return NULL;
}

/* one field of RFC 5424; "-" is none. NULL: the header ends too early */
static const char *read_5424_field(const char *p, struct fw_str *field, int most) {
    const char *start = p;

    while ((uint8_t)*p > ' ')
        p++;
    if (p == start || p - start > most || *p != ' ')
        return NULL;
    field->p = start;
    field->len = *start == '-' && p - start == 1 ? 0 : (uint32_t)(p - start);
    return p + 1;
}

/* "-" or [id name="value" ...]..., with \" \] \\ inside values. NULL: broken */
static const char *skip_structured_data(const char *p) {
    if (*p == '-')
        return p + 1;
    if (*p != '[')
        return NULL;
    while (*p == '[') {
        bool quoted = false;

        for (p++; *p != '\0' && (quoted || *p != ']'); p++) {
            if (*p == '"')
                quoted = !quoted;
            else if (quoted && *p == '\\' && p[1] != '\0')
                p++;
        }
        if (*p++ != ']')
            return NULL;
    }
    return p;
}

/* Firewalls put the whole message into the structured data: Check Point nothing behind it, Juniper perhaps the same
 * once more as text. Then the content is what stands from APP-NAME on, as where the header is that of RFC 3164. */
static bool data_is_message(const char *data, const char *rest) {
    return data[0] == '[' && (*skip_blanks(rest) == '\0' || strncmp(data, "[junos@", 7) == 0);
}

/* Step 2. Returns where the content begins, or NULL: not RFC 5424. */
static const char *read_5424(struct fw_header_reader *reader, const char *p, const char *end,
                             struct fw_header *header) {
    struct fw_str ignored;
    struct fw_stamp stamp = {.time = FW_TIME_NONE};
    const char *app, *data;

    if (p[0] != '1' || p[1] != ' ')
        return NULL;
    p += 2;
    if (p[0] == '-' && p[1] == ' ')
        p++;
    else if ((p = fw_stamp_read(reader, p, end, &stamp)) == NULL || *p != ' ')
        return NULL;
    p++;
    if ((app = p = read_5424_field(p, &header->host, HOST_MAX)) == NULL ||
        (p = read_5424_field(p, &header->tag, TAG_MAX)) == NULL ||
        (p = read_5424_field(p, &ignored, PID_MAX)) == NULL || (data = p = read_5424_field(p, &ignored, 32)) == NULL ||
        (p = skip_structured_data(p)) == NULL || (*p != ' ' && *p != '\0')) {
        header->host = header->tag = (struct fw_str){NULL, 0};
        return NULL;
    }
    put_stamp(header, &stamp);
    if (data_is_message(data, p)) {
        header->tag = (struct fw_str){NULL, 0};
        return app;
    }
    p = skip_blanks(p);
    return strncmp(p, "\xef\xbb\xbf", 3) == 0 ? p + 3 : p;
}

/* Squid's own files: "1672843056.999     84 10.1.0.18 TCP_MISS/200"; what took 84 ms is no host. */
static bool is_epoch(const char *stamp) {
    return is_digit(stamp[0]) && stamp[4] != '-';
}

static bool is_number(const char *p) {
    while (is_digit(*p))
        p++;
    return *p == ' ';
}

/* "2026-10-12 08:00:00 DROP TCP 192.0.2.10 ...": what stands where a host would */
static bool is_verb(const char *p) {
    return strncmp(p, "ALLOW ", 6) == 0 || strncmp(p, "DROP ", 5) == 0 || strncmp(p, "OPEN ", 5) == 0 ||
           strncmp(p, "OPEN-INBOUND ", 13) == 0 || strncmp(p, "CLOSE ", 6) == 0;
}

/* Steps 3 to 6. */
static const char *read_3164(struct fw_header_reader *reader, const char *p, const char *end,
                             struct fw_header *header) {
    struct fw_stamp stamp;
    const char *start = skip_blanks(p);
    const char *rest;

    if (*start == ':' && header->pri >= 0) /* "<134>:Mar 01 12:00:00 UTC: %ASA" */
        start = skip_blanks(start + 1);
    if ((rest = fw_stamp_read(reader, start, end, &stamp)) != NULL && (*rest == ' ' || *rest == ':' || *rest == '\0')) {
        put_stamp(header, &stamp);
        p = skip_blanks(rest);
        if (start[10] == ' ' && is_verb(p)) /* the file of Windows Firewall has no host */
            return p;
        if (*p != ':' && !(is_epoch(start) && is_number(p)) && (rest = read_host(p, &header->host)) != NULL)
            p = skip_blanks(rest);
    } else {
        p = skip_blanks(p);
    }
    if (is_mnemonic(p))
        return p;
    const bool perhaps_ios = is_digit(*p) || *p == '*' || *p == '.' || (header->host.len == 0 && header->pri >= 0);

    if (perhaps_ios && (rest = read_ios(reader, p, end, header)) != NULL)
        return rest;
    if ((rest = read_tag(p, &header->tag)) != NULL) {
        p = skip_blanks(rest);
        const bool device =
            is_mnemonic(p) && (header->host.len == 0 || (header->host.len == header->tag.len &&
                                                         memcmp(header->host.p, header->tag.p, header->tag.len) == 0));

        if (device) { /* "fw1: %ASA-6-...": the device, not a program */
            header->host = header->tag;
            header->tag = (struct fw_str){NULL, 0};
        }
        return p;
    }
    header->tag = (struct fw_str){NULL, 0};
    if (header->time != FW_TIME_NONE && (rest = read_cisco(reader, p, end, header)) != NULL)
        return rest;
    return p;
}

void fw_header_read(struct fw_header_reader *reader, const char *line, size_t len, struct fw_header *header) {
    const char *end = line + len;
    const char *p, *content;

    *header = (struct fw_header){.pri = -1, .time = FW_TIME_NONE};
    p = read_pri(line, &header->pri);
    const bool versioned = header->pri >= 0 || (len > 7 && p[6] == '-'); /* "1 2026-" */

    if (!versioned || (content = read_5424(reader, p, end, header)) == NULL) {
        if (versioned && p[0] == '1' && p[1] == ' ' &&
            is_digit(p[2])) /* Meraki: "1 1791792000.123 mx1 flows src=..." */
            p += 2;
        content = read_3164(reader, p, end, header);
    }
    header->content = content;
    header->content_len = (size_t)(end - content);
}
