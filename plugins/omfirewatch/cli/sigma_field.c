/* sigma_field.c: fields, modifiers and values of Sigma in a policy's words.
 *
 * Names of fields are those of Sigma's taxonomy for firewall, proxy, dns and
 * webserver. Texts without wildcards keep their modifier; others, and parts of a
 * URL, become regular expressions, in which every sign of the value is escaped.
 */
#define _GNU_SOURCE /* asprintf */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sigma.h"

enum sort { ADDR, NUMBER, PROTO, ACTION, TEXT, URL_STEM, URL_QUERY, URL_EXTENSION };

#define WEB (FW_SIGMA_PROXY | FW_SIGMA_WEBSERVER)
#define ALL (WEB | FW_SIGMA_FIREWALL | FW_SIGMA_DNS)

static const struct field {
    const char *name;
    const char *ours;
    unsigned categories;
    enum sort sort;
} fields[] = {
    {"src_ip", "src", ALL, ADDR},
    {"dst_ip", "dst", ALL, ADDR},
    {"src_port", "sport", ALL, NUMBER},
    {"dst_port", "dport", ALL, NUMBER},
    {"protocol", "proto", FW_SIGMA_FIREWALL, PROTO},
    {"action", "action", FW_SIGMA_FIREWALL, ACTION},
    {"username", "user", ALL, TEXT},
    {"query", "query", FW_SIGMA_DNS, TEXT},
    {"record_type", "qtype", FW_SIGMA_DNS, TEXT},
    {"answer", "answer", FW_SIGMA_DNS, ADDR},
    {"c-ip", "src", WEB, ADDR},
    {"s-ip", "dst", WEB, ADDR},
    {"r-ip", "dst", WEB, ADDR},
    {"s-port", "dport", WEB, NUMBER},
    {"cs-bytes", "sent", WEB, NUMBER},
    {"sc-bytes", "rcvd", WEB, NUMBER},
    {"sc-status", "status", WEB, NUMBER},
    {"cs-method", "method", WEB, TEXT},
    {"cs-host", "host", WEB, TEXT},
    {"r-dns", "host", WEB, TEXT},
    {"cs-username", "user", WEB, TEXT},
    {"c-useragent", "agent", WEB, TEXT},
    {"cs-user-agent", "agent", WEB, TEXT},
    {"cs-referer", "referrer", WEB, TEXT},
    {"cs-referrer", "referrer", WEB, TEXT},
    {"c-uri", "url", WEB, TEXT},
    {"cs-uri", "url", WEB, TEXT},
    {"c-uri-stem", "url", WEB, URL_STEM},
    {"cs-uri-stem", "url", WEB, URL_STEM},
    {"c-uri-query", "url", WEB, URL_QUERY},
    {"cs-uri-query", "url", WEB, URL_QUERY},
    {"c-uri-extension", "url", WEB, URL_EXTENSION},
};

enum modifier {
    CONTAINS,
    STARTSWITH,
    ENDSWITH,
    ALL_OF,
    RE,
    CIDR,
    CASED,
    EXISTS,
    GT,
    GTE,
    LT,
    LTE,
    RE_I,
    RE_M,
    RE_S,
    MODS
};
static const char *const modifiers[MODS] = {"contains", "startswith", "endswith", "all", "re",
                                            "cidr",     "cased",      "exists",   "gt",  "gte",
                                            "lt",       "lte",        "i",        "m",   "s"};
#define BIT(mod)  (1u << (mod))
#define PLACES    (BIT(CONTAINS) | BIT(STARTSWITH) | BIT(ENDSWITH))
#define COMPARES  (BIT(GT) | BIT(GTE) | BIT(LT) | BIT(LTE))
#define RE_FLAGS  (BIT(RE_I) | BIT(RE_M) | BIT(RE_S))
#define HOST_PART "^(?:[a-z][a-z0-9+.-]*://[^/?]*)?"

static const struct field *find(struct fw_sigma *sigma, const struct fw_yaml_node *at, unsigned category,
                                const char *name) {
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].name, name) == 0 && (fields[i].categories & category) != 0)
            return &fields[i];
    fw_sigma_refuse(sigma, at, "field \"%.64s\" has no counterpart", name);
    return NULL;
}

const char *fw_sigma_field(struct fw_sigma *sigma, const struct fw_yaml_node *at, unsigned category, const char *name) {
    const struct field *field = find(sigma, at, category, name);

    if (field && field->sort > TEXT) {
        fw_sigma_refuse(sigma, at, "field \"%s\" is a part of ours and cannot be counted", name);
        return NULL;
    }
    return field ? field->ours : NULL;
}

/* ---- values ---- */

/* The value as a part of a regular expression; `any` is what one sign of a wildcard may be. */
static void put_expression(FILE *out, const char *value, const char *any) {
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '*' || *p == '?') {
            (void)fprintf(out, "%s%s", any, *p == '*' ? "*" : "");
            continue;
        }
        if (*p == '\\' && (p[1] == '*' || p[1] == '?' || p[1] == '\\'))
            p++;
        if (((unsigned char)*p & 0x80) == 0 && !isalnum((unsigned char)*p))
            (void)fputc('\\', out);
        (void)fputc(*p, out);
    }
}

static char *expression(const char *value, unsigned mods, enum sort sort) {
    static const char *const begins[] = {"", HOST_PART, "^[^?]*\\?", "^[^?]*\\."};
    static const char *const ends[] = {"$", "(?:\\?|$)", "$", "(?:\\?|$)"};
    static const char *const gaps[] = {".", "[^?]", ".", "[^?]"};
    const size_t part = sort > TEXT ? (size_t)(sort - TEXT) : 0;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    (void)fprintf(out, "%s%s", (mods & BIT(CASED)) != 0 ? "(?s)" : "(?is)", begins[part]);
    if ((mods & (BIT(CONTAINS) | BIT(ENDSWITH))) != 0)
        (void)fprintf(out, "%s*", part > 0 ? gaps[part] : ".");
    else if (part == 0)
        (void)fputc('^', out);
    put_expression(out, value, gaps[part]);
    if ((mods & (BIT(CONTAINS) | BIT(STARTSWITH))) == 0)
        (void)fputs(ends[part], out);
    (void)fclose(out);
    return text;
}

static bool is_address(const char *text) {
    unsigned char bytes[16];
    char address[64];
    const size_t len = strcspn(text, "/");

    if (len >= sizeof address || (text[len] == '/' && strspn(text + len + 1, "0123456789") != strlen(text + len + 1)))
        return false;
    (void)snprintf(address, sizeof address, "%.*s", (int)len, text);
    return inet_pton(AF_INET, address, bytes) == 1 || inet_pton(AF_INET6, address, bytes) == 1;
}

/* What the device did, in our two words. */
static const char *action_of(const char *text) {
    static const char *const words[][2] = {
        {"allow", "allow"}, {"allowed", "allow"}, {"accept", "allow"}, {"accepted", "allow"}, {"permit", "allow"},
        {"pass", "allow"},  {"deny", "deny"},     {"denied", "deny"},  {"block", "deny"},     {"blocked", "deny"},
        {"drop", "deny"},   {"dropped", "deny"},  {"reject", "deny"},  {"rejected", "deny"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i][0]) == 0)
            return words[i][1];
    return NULL;
}

static const char *proto_of(const char *text) {
    static const char *const names[] = {"tcp", "udp", "icmp", "gre", "esp", "sctp"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(text, names[i]) == 0)
            return names[i];
    return text[0] != '\0' && strlen(text) <= 3 && strspn(text, "0123456789") == strlen(text) ? text : NULL;
}

/* What is no text: as it is written in a policy, or NULL. */
static const char *plain_value(enum sort sort, const char *text) {
    switch (sort) {
    case ADDR:
        return is_address(text) ? text : NULL;
    case NUMBER:
        return text[0] != '\0' && strlen(text) <= 18 && strspn(text, "0123456789") == strlen(text) ? text : NULL;
    case PROTO:
        return proto_of(text);
    case ACTION:
        return action_of(text);
    default:
        return NULL;
    }
}

struct values {
    struct fw_sigma_list plain, regex;
    bool absent;
};

static void take_text(struct values *values, const char *text, unsigned mods, enum sort sort) {
    char *made = NULL;

    if (text[0] == '\0') /* what is empty is absent here */
        values->absent = true;
    else if ((mods & BIT(RE)) != 0 &&
             asprintf(&made, "%s%s%s%s", (mods & BIT(RE_I)) != 0 ? "(?i)" : "", (mods & BIT(RE_M)) != 0 ? "(?m)" : "",
                      (mods & BIT(RE_S)) != 0 ? "(?s)" : "", text) < 0)
        return;
    else if (!made && (sort > TEXT || ((mods & PLACES) != 0 && strpbrk(text, "*?\\") != NULL)))
        made = expression(text, mods, sort);
    if (made)
        fw_sigma_put(&values->regex, fw_sigma_quoted(made));
    else if (text[0] != '\0')
        fw_sigma_put(&values->plain, fw_sigma_quoted(text));
    free(made);
}

static void take_value(struct fw_sigma *sigma, const struct fw_yaml_node *item, const struct field *field,
                       unsigned mods, struct values *values) {
    const char *plain;

    if (item->type == FW_YAML_NULL && (mods & ~BIT(ALL_OF)) == 0)
        values->absent = true;
    else if (item->type != FW_YAML_TEXT || strpbrk(item->text, "\n\t") != NULL || strlen(item->text) > 200)
        fw_sigma_refuse(sigma, item, "value of \"%s\": it must be a text of one line, at most 200 bytes", field->name);
    else if (field->sort >= TEXT)
        take_text(values, item->text, mods, field->sort);
    else if ((plain = plain_value(field->sort, item->text)) != NULL)
        fw_sigma_put(&values->plain, fw_sigma_quoted(plain));
    else
        fw_sigma_refuse(sigma, item, "value \"%.64s\" of \"%s\" cannot be mapped", item->text, field->name);
}

/* ---- a test ---- */

static bool fits(unsigned mods, const struct field *field) {
    const unsigned main = mods & (PLACES | BIT(RE) | BIT(CIDR) | BIT(EXISTS) | COMPARES);

    if ((main & (main - 1)) != 0 || ((mods & RE_FLAGS) != 0 && (mods & BIT(RE)) == 0))
        return false;
    if (field->sort > TEXT && (mods & (BIT(RE) | BIT(EXISTS))) != 0)
        return false;
    if (field->sort == URL_EXTENSION && (mods & PLACES) != 0)
        return false;
    if ((mods & COMPARES) != 0 && field->sort != NUMBER)
        return false;
    if ((mods & BIT(CIDR)) != 0 && field->sort != ADDR)
        return false;
    return field->sort >= TEXT || (mods & (PLACES | BIT(RE) | BIT(CASED) | BIT(ALL_OF))) == 0;
}

static bool read_modifiers(struct fw_sigma *sigma, const struct fw_yaml_node *node, char *rest, unsigned *mods) {
    while (rest) {
        const char *word = strsep(&rest, "|");
        unsigned i = 0;

        while (i < MODS && strcmp(word, modifiers[i]) != 0)
            i++;
        if (i == MODS) {
            fw_sigma_refuse(sigma, node->key, "modifier \"%.64s\" has no counterpart", word);
            return false;
        }
        *mods |= BIT(i);
    }
    return true;
}

static void put_group(struct fw_sigma_list *to, const char *ours, const char *mods, struct fw_sigma_list *values) {
    char *text = NULL;

    if (values->count > 0 && asprintf(&text, "{%s%s: [%s]}", ours, mods, values->text) >= 0)
        fw_sigma_put(to, text);
    free(values->text);
}

static char *build(const char *ours, unsigned mods, struct values *values) {
    struct fw_sigma_list all = {.count = 0};
    char words[64] = "";

    for (unsigned i = 0; i < MODS; i++)
        if ((mods & BIT(i) & (PLACES | COMPARES | BIT(ALL_OF) | BIT(CASED))) != 0)
            (void)snprintf(words + strlen(words), sizeof words - strlen(words), "|%s", modifiers[i]);
    put_group(&all, ours, words, &values->plain);
    put_group(&all, ours, (mods & BIT(ALL_OF)) != 0 ? "|re|all" : "|re", &values->regex);
    if (values->absent) {
        char *text = NULL;
        if (asprintf(&text, "{%s|exists: no}", ours) >= 0)
            fw_sigma_put(&all, text);
    }
    return fw_sigma_end(&all, (mods & BIT(ALL_OF)) != 0 ? "and" : "or");
}

static char *make_test(struct fw_sigma *sigma, const struct fw_yaml_node *node, const struct field *field,
                       unsigned mods) {
    struct values values = {.absent = false};

    if (node->type == FW_YAML_LIST && node->count == 0)
        fw_sigma_refuse(sigma, node, "an empty list: no value would do");
    if (node->type != FW_YAML_LIST)
        take_value(sigma, node, field, mods, &values);
    for (const struct fw_yaml_node *item = node->type == FW_YAML_LIST ? node->first : NULL; item; item = item->next)
        take_value(sigma, item, field, mods, &values);
    return build(field->ours, mods, &values);
}

char *fw_sigma_test(struct fw_sigma *sigma, const struct fw_yaml_node *node) {
    char name[128], *rest = name, *text = NULL;
    const struct field *field;
    unsigned mods = 0;

    (void)snprintf(name, sizeof name, "%.127s", node->key->text);
    (void)strsep(&rest, "|");
    field = find(sigma, node->key, sigma->now->category, name);
    if (!field || !read_modifiers(sigma, node, rest, &mods))
        return NULL;
    if (!fits(mods, field)) {
        fw_sigma_refuse(sigma, node->key, "these modifiers do not go with the field: \"%.64s\"", node->key->text);
        return NULL;
    }
    if ((mods & BIT(EXISTS)) == 0)
        return make_test(sigma, node, field, mods);
    const bool yes = node->type == FW_YAML_TEXT && (strcmp(node->text, "true") == 0 || strcmp(node->text, "yes") == 0);

    return asprintf(&text, "{%s|exists: %s}", field->ours, yes ? "yes" : "no") < 0 ? NULL : text;
}

char *fw_sigma_keywords(struct fw_sigma *sigma, const struct fw_yaml_node *list) {
    static const struct field message = {"keywords", "message", 0, TEXT};

    return make_test(sigma, list, &message, BIT(CONTAINS));
}
