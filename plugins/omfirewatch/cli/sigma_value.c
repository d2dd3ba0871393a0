/* sigma_value.c: values of Sigma in a policy's words.
 *
 * Texts keep their modifier; with wildcards they are compared whole, for a
 * policy's wildcards and their escapes are Sigma's. What is said of a part of a URL
 * becomes a regular expression on the whole of it, in which every sign of the value
 * that means something there is escaped.
 */
#define _GNU_SOURCE /* asprintf */
#include <arpa/inet.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "../rules/pattern.h"
#include "sigma.h"

#define BIT(mod)        FW_SIGMA_BIT(mod)
#define PLACES          FW_SIGMA_PLACES
#define VALUE_BYTES     500 /* of one value; expressions of people are shorter */
#define CODED_LEAST     3   /* of less nothing is left to look for */
#define CODED_BYTES     200 /* before they are encoded */
#define NET_BYTES       80
#define STATUS_FIRST    100
#define STATUS_LAST     999
#define HOST_PART       "^(?:[a-z][a-z0-9+.-]*://[^/?]*)?"
#define QUERY_PART      "^[^?]*\\?"
#define IS_LAST_IN_PATH "(?:\\?|$)"

static const struct {
    const char *begin, *gap, *end;
} parts[] = {[FW_SIGMA_STEM] = {HOST_PART, "[^?]", IS_LAST_IN_PATH},
             [FW_SIGMA_QUERY] = {QUERY_PART, ".", "$"},
             [FW_SIGMA_EXTENSION] = {"^[^?]*\\.", "[^?/.]", IS_LAST_IN_PATH},
             [FW_SIGMA_REQUEST] = {QUERY_PART, ".", "$"}};

const char *fw_sigma_has_part(enum fw_sigma_sort sort) {
    return sort == FW_SIGMA_QUERY || sort == FW_SIGMA_REQUEST ? "\\?"
           : sort == FW_SIGMA_EXTENSION                       ? "^[^?]*\\.[^?/.]+" IS_LAST_IN_PATH
                                                              : NULL;
}

static bool has_wildcards(const char *text) {
    return strpbrk(text, "*?\\") != NULL;
}

static bool is_digits(const char *text, size_t most) {
    return text[0] != '\0' && strlen(text) <= most && strspn(text, "0123456789") == strlen(text);
}

/* ---- texts ---- */

/* The value as a part of a regular expression; `any` is what one sign of a wildcard may be. */
static void put_expression(FILE *out, const char *value, const char *any) {
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '*' || *p == '?') {
            (void)fprintf(out, "%s%s", any, *p == '*' ? "*" : "");
            continue;
        }
        if (*p == '\\' && (p[1] == '*' || p[1] == '?' || p[1] == '\\'))
            p++;
        if (strchr("\\^$.[]|()?*+{}", *p) != NULL)
            (void)fputc('\\', out);
        (void)fputc(*p, out);
    }
}

/* A part of a URL. */
static char *expression(const char *value, unsigned mods, enum fw_sigma_sort sort) {
    const char *begin = parts[sort].begin;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    if (sort == FW_SIGMA_REQUEST && value[0] == '/')
        begin = HOST_PART;
    (void)fprintf(out, "%s%s", (mods & BIT(CASED)) != 0 ? "" : "(?i)", begin);
    if ((mods & (BIT(CONTAINS) | BIT(ENDSWITH))) != 0)
        (void)fprintf(out, "%s*", parts[sort].gap);
    put_expression(out, value, parts[sort].gap);
    if ((mods & (BIT(CONTAINS) | BIT(STARTSWITH))) == 0)
        (void)fputs(parts[sort].end, out);
    (void)fclose(out);
    return text;
}

/* With wildcards where the modifier has them. A backslash at the end stands for itself. */
static char *whole(const char *value, unsigned mods) {
    const char *end = value + strlen(value), *p = end;
    char *text = NULL;

    while (p > value && p[-1] == '\\')
        p--;
    if (asprintf(&text, "%s%s%s%s", (mods & (BIT(CONTAINS) | BIT(ENDSWITH))) != 0 ? "*" : "", value,
                 (end - p) % 2 != 0 ? "\\" : "", (mods & (BIT(CONTAINS) | BIT(STARTSWITH))) != 0 ? "*" : "") < 0)
        return NULL;
    return text;
}

static void put_regex(struct fw_sigma *sigma, const struct fw_yaml_node *item, const char *text,
                      struct fw_sigma_values *values) {
    struct fw_pattern pattern;
    char err[FW_PROBLEM_TEXT / 2];

    if (fw_pattern_open(&pattern, FW_PATTERN_REGEX, text, true, err, sizeof err) != 0) {
        fw_sigma_refuse(sigma, item, "value \"%.64s\" is %s", item->text, err);
        return;
    }
    fw_pattern_close(&pattern);
    fw_sigma_put(&values->regex, fw_sigma_quoted(text));
}

static void take_regex(struct fw_sigma *sigma, const struct fw_yaml_node *item, unsigned mods,
                       struct fw_sigma_values *values) {
    char *text = NULL;

    if (asprintf(&text, "%s%s%s%s", (mods & BIT(RE_I)) != 0 ? "(?i)" : "", (mods & BIT(RE_M)) != 0 ? "(?m)" : "",
                 (mods & BIT(RE_S)) != 0 ? "(?s)" : "", item->text) < 0)
        return;
    put_regex(sigma, item, text, values);
    free(text);
}

static void take_coded(struct fw_sigma *sigma, const struct fw_yaml_node *item, unsigned mods,
                       struct fw_sigma_values *values) {
    char coded[FW_SIGMA_CODED_BYTES];

    if (has_wildcards(item->text) || strlen(item->text) > CODED_BYTES || strlen(item->text) < CODED_LEAST) {
        fw_sigma_refuse(sigma, item, "value \"%.64s\": what is encoded has no wildcards, and %d to %d bytes",
                        item->text, CODED_LEAST, CODED_BYTES);
        return;
    }
    for (unsigned n = 0; fw_sigma_encode(item->text, mods, n, coded); n++)
        fw_sigma_put(&values->plain, fw_sigma_quoted(coded));
}

static void take_text(struct fw_sigma *sigma, const struct fw_yaml_node *item, enum fw_sigma_sort sort, unsigned mods,
                      struct fw_sigma_values *values) {
    const char *text = item->text;
    char *made = NULL;

    if (sort == FW_SIGMA_REQUEST && (text[0] == '*' || (mods & (BIT(CONTAINS) | BIT(ENDSWITH) | BIT(RE))) != 0))
        sort = FW_SIGMA_TEXT; /* of the whole URL it holds as well */
    if (text[0] == '\0') {
        values->absent = true; /* what is empty is absent here */
    } else if (strcmp(text, "*") == 0) {
        values->present = true;
    } else if ((mods & BIT(RE)) != 0) {
        take_regex(sigma, item, mods, values);
    } else if ((mods & FW_SIGMA_CODES) != 0) {
        take_coded(sigma, item, mods, values);
    } else if (sort > FW_SIGMA_TEXT) {
        if ((made = expression(text, mods, sort)) != NULL)
            put_regex(sigma, item, made, values);
    } else if (has_wildcards(text)) {
        if ((made = whole(text, mods)) != NULL)
            fw_sigma_put(&values->wild, fw_sigma_quoted(made));
    } else {
        fw_sigma_put(&values->plain, fw_sigma_quoted(text));
    }
    free(made);
}

/* ---- addresses ---- */

static bool is_address(const char *text) {
    unsigned char bytes[16];
    char address[64];
    const size_t len = strcspn(text, "/");
    const bool net = text[len] == '/';
    bool v4;

    if (len >= sizeof address || (net && !is_digits(text + len + 1, 3)))
        return false;
    (void)snprintf(address, sizeof address, "%.*s", (int)len, text);
    v4 = inet_pton(AF_INET, address, bytes) == 1;
    return (v4 || inet_pton(AF_INET6, address, bytes) == 1) &&
           (!net || strtoul(text + len + 1, NULL, 10) <= (v4 ? 32 : 128));
}

/* "10.1." and "10.1.*" are a network, and so is "fe80:"; other beginnings are none. */
static bool network_of(const char *text, unsigned mods, char net[NET_BYTES]) {
    const bool open = (mods & BIT(STARTSWITH)) != 0;
    size_t len = strlen(text);
    unsigned n = 0;
    char made[64];

    if (len > 0 && text[len - 1] == '*')
        len--;
    else if (!open)
        return false;
    if (len < 2 || len > 40 || (text[len - 1] != '.' && text[len - 1] != ':'))
        return false;
    for (size_t i = 0; i < len; i++)
        n += text[i] == text[len - 1];
    (void)snprintf(made, sizeof made, "%.*s%s", (int)len, text,
                   text[len - 1] == ':' ? ":"
                   : n == 1             ? "0.0.0"
                   : n == 2             ? "0.0"
                                        : "0");
    if (!is_address(made))
        return false;
    (void)snprintf(net, NET_BYTES, "%s/%u", made, text[len - 1] == ':' ? 16 * n : 8 * n);
    return true;
}

static bool take_address(const char *text, unsigned mods, struct fw_sigma_values *values) {
    char net[NET_BYTES];

    if (strcmp(text, "*") == 0)
        values->present = true;
    else if (is_address(text) && (mods & PLACES) == 0)
        fw_sigma_put(&values->plain, fw_sigma_quoted(text));
    else if ((mods & BIT(CIDR)) == 0 && network_of(text, mods, net))
        fw_sigma_put(&values->plain, fw_sigma_quoted(net));
    else
        return false;
    return true;
}

/* ---- numbers and words ---- */

/* "4*", "40?": the numbers that look so, as ranges. */
static bool take_status(const char *text, unsigned mods, struct fw_sigma_values *values) {
    char *pattern, number[12], range[24];
    unsigned first = 0;

    if (strspn(text, "0123456789*?") != strlen(text))
        return false;
    pattern = whole(text, mods);
    for (unsigned n = STATUS_FIRST; pattern && n <= STATUS_LAST + 1; n++) {
        (void)snprintf(number, sizeof number, "%u", n);
        const bool fits = n <= STATUS_LAST && fnmatch(pattern, number, 0) == 0;

        if (fits && first == 0)
            first = n;
        if (fits || first == 0)
            continue;
        (void)snprintf(range, sizeof range, "%u-%u", first, n - 1);
        fw_sigma_put(&values->plain, fw_sigma_quoted(range));
        first = 0;
    }
    free(pattern);
    return values->plain.count > 0;
}

static bool take_number(const char *text, enum fw_sigma_sort sort, unsigned mods, struct fw_sigma_values *values) {
    if (strcmp(text, "*") == 0)
        values->present = true;
    else if (sort == FW_SIGMA_STATUS && ((mods & PLACES) != 0 || has_wildcards(text)))
        return take_status(text, mods, values);
    else if (is_digits(text, 18))
        fw_sigma_put(&values->plain, fw_sigma_quoted(text));
    else
        return false;
    return true;
}

const char *fw_sigma_action(const char *text) {
    static const char *const words[][2] = {
        {"allow", "allow"},  {"allowed", "allow"},   {"accept", "allow"}, {"accepted", "allow"}, {"permit", "allow"},
        {"pass", "allow"},   {"permitted", "allow"}, {"passed", "allow"}, {"forward", "allow"},  {"forwarded", "allow"},
        {"deny", "deny"},    {"denied", "deny"},     {"block", "deny"},   {"blocked", "deny"},   {"drop", "deny"},
        {"dropped", "deny"}, {"reject", "deny"},     {"rejected", "deny"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i][0]) == 0)
            return words[i][1];
    return NULL;
}

/* A word of a short list: as it is written in a policy, or NULL. */
static const char *word_of(enum fw_sigma_sort sort, const char *text) {
    static const char *const protos[] = {"tcp", "udp", "icmp", "gre", "esp", "sctp", "ipv6-icmp"};
    static const char *const outcomes[] = {"success", "failure"};

    switch (sort) {
    case FW_SIGMA_ACTION:
        return fw_sigma_action(text);
    case FW_SIGMA_BLOCKED:
        return strcasecmp(text, "true") == 0 ? "deny" : strcasecmp(text, "false") == 0 ? "allow" : NULL;
    case FW_SIGMA_OUTCOME:
        return strcasecmp(text, outcomes[0]) == 0   ? outcomes[0]
               : strcasecmp(text, outcomes[1]) == 0 ? outcomes[1]
                                                    : NULL;
    default:
        break;
    }
    for (size_t i = 0; i < sizeof protos / sizeof *protos; i++)
        if (strcasecmp(text, protos[i]) == 0)
            return protos[i];
    return is_digits(text, 3) ? text : NULL;
}

static bool take_word(const char *text, enum fw_sigma_sort sort, struct fw_sigma_values *values) {
    const char *word = word_of(sort, text);

    if (strcmp(text, "*") == 0)
        values->present = true;
    else if (word)
        fw_sigma_put(&values->plain, fw_sigma_quoted(word));
    return word || values->present;
}

/* ---- any ---- */

static const char *allowed(enum fw_sigma_sort sort) {
    switch (sort) {
    case FW_SIGMA_ADDR:
        return "an address, a network, or how one begins up to a point: 10.1.*";
    case FW_SIGMA_STATUS:
        return "a number, or one with wildcards: 40*";
    case FW_SIGMA_NUMBER:
        return "a number";
    case FW_SIGMA_PROTO:
        return "tcp, udp, icmp, gre, esp, sctp, ipv6-icmp, or a number";
    case FW_SIGMA_ACTION:
        return "allow, accept, permit, pass, forward, deny, block, drop or reject";
    case FW_SIGMA_BLOCKED:
        return "true or false";
    default:
        return "success or failure";
    }
}

void fw_sigma_value(struct fw_sigma *sigma, const struct fw_yaml_node *item, const struct fw_sigma_field *field,
                    unsigned mods, struct fw_sigma_values *values) {
    bool fine;

    if (item->type == FW_YAML_NULL && (mods & ~(BIT(ALL_OF) | BIT(NEQ))) == 0) {
        values->absent = true;
        return;
    }
    if (item->type != FW_YAML_TEXT || strpbrk(item->text, "\n\t") != NULL || strlen(item->text) > VALUE_BYTES) {
        fw_sigma_refuse(sigma, item, "value of \"%.64s\": it must be a text of one line, at most %d bytes", field->name,
                        VALUE_BYTES);
        return;
    }
    if (field->sort >= FW_SIGMA_TEXT) {
        take_text(sigma, item, field->sort, mods, values);
        return;
    }
    fine = field->sort == FW_SIGMA_ADDR     ? take_address(item->text, mods, values)
           : field->sort <= FW_SIGMA_STATUS ? take_number(item->text, field->sort, mods, values)
                                            : take_word(item->text, field->sort, values);
    if (!fine)
        fw_sigma_refuse(sigma, item, "value \"%.64s\" of \"%.64s\" cannot be mapped; it must be %s", item->text,
                        field->name, allowed(field->sort));
}
