/* sigma_field.c: fields and modifiers of Sigma, and tests of them in a policy's words.
 *
 * Names of fields are those of Sigma's taxonomy for firewall, proxy, dns and
 * webserver, and ECS's names of the fields of events.
 */
#define _GNU_SOURCE /* asprintf */
#include <stdlib.h>
#include <string.h>

#include "../core/event.h"
#include "sigma.h"

#define BIT(mod)  FW_SIGMA_BIT(mod)
#define PLACES    FW_SIGMA_PLACES
#define COMPARES  FW_SIGMA_COMPARES
#define PROXY     FW_SIGMA_PROXY
#define WEBSERVER FW_SIGMA_WEBSERVER
#define WEB       (PROXY | WEBSERVER)
#define ALL       (WEB | FW_SIGMA_FIREWALL | FW_SIGMA_DNS)

/* Rules for web servers write what stands in a request's line, path and all, as its query. */
static const struct fw_sigma_field fields[] = {
    {"src_ip", "src", ALL, FW_SIGMA_ADDR},
    {"dst_ip", "dst", ALL, FW_SIGMA_ADDR},
    {"src_port", "sport", ALL, FW_SIGMA_NUMBER},
    {"dst_port", "dport", ALL, FW_SIGMA_NUMBER},
    {"username", "user", ALL, FW_SIGMA_TEXT},
    {"bytes_sent", "sent", ALL, FW_SIGMA_NUMBER},
    {"bytes_received", "rcvd", ALL, FW_SIGMA_NUMBER},
    {"protocol", "proto", FW_SIGMA_FIREWALL, FW_SIGMA_PROTO},
    {"action", "action", FW_SIGMA_FIREWALL, FW_SIGMA_ACTION},
    {"blocked", "action", FW_SIGMA_FIREWALL, FW_SIGMA_BLOCKED},
    {"query", "query", FW_SIGMA_DNS, FW_SIGMA_TEXT},
    {"record_type", "qtype", FW_SIGMA_DNS, FW_SIGMA_TEXT},
    {"answer", "answer", FW_SIGMA_DNS, FW_SIGMA_ADDR},
    {"c-ip", "src", WEB, FW_SIGMA_ADDR},
    {"s-ip", "dst", WEB, FW_SIGMA_ADDR},
    {"r-ip", "dst", WEB, FW_SIGMA_ADDR},
    {"s-port", "dport", WEB, FW_SIGMA_NUMBER},
    {"cs-bytes", "sent", WEB, FW_SIGMA_NUMBER},
    {"sc-bytes", "rcvd", WEB, FW_SIGMA_NUMBER},
    {"sc-status", "status", WEB, FW_SIGMA_STATUS},
    {"cs-method", "method", WEB, FW_SIGMA_TEXT},
    {"cs-host", "host", WEB, FW_SIGMA_TEXT},
    {"r-dns", "host", WEB, FW_SIGMA_TEXT},
    {"s-computername", "sensor", WEBSERVER, FW_SIGMA_TEXT},
    {"cs-username", "user", WEB, FW_SIGMA_TEXT},
    {"c-useragent", "agent", WEB, FW_SIGMA_TEXT},
    {"cs-user-agent", "agent", WEB, FW_SIGMA_TEXT},
    {"cs-referer", "referrer", WEB, FW_SIGMA_TEXT},
    {"cs-referrer", "referrer", WEB, FW_SIGMA_TEXT},
    {"c-uri", "url", WEB, FW_SIGMA_TEXT},
    {"cs-uri", "url", WEB, FW_SIGMA_TEXT},
    {"c-uri-stem", "url", WEB, FW_SIGMA_STEM},
    {"cs-uri-stem", "url", WEB, FW_SIGMA_STEM},
    {"c-uri-query", "url", PROXY, FW_SIGMA_QUERY},
    {"cs-uri-query", "url", PROXY, FW_SIGMA_QUERY},
    {"c-uri-query", "url", WEBSERVER, FW_SIGMA_REQUEST},
    {"cs-uri-query", "url", WEBSERVER, FW_SIGMA_REQUEST},
    {"c-uri-extension", "url", WEB, FW_SIGMA_EXTENSION},
    {"cs-uri-extension", "url", WEB, FW_SIGMA_EXTENSION},
    {"url.full", "url", WEB, FW_SIGMA_TEXT},
    {"url.path", "url", WEB, FW_SIGMA_STEM},
    {"url.query", "url", WEB, FW_SIGMA_QUERY},
    {"url.extension", "url", WEB, FW_SIGMA_EXTENSION},
    {"network.transport", "proto", ALL, FW_SIGMA_PROTO},
};
static const struct fw_sigma_field message = {"keywords", "message", ALL, FW_SIGMA_TEXT};

static const char *const modifiers[FW_SIGMA_MODS] = {[FW_SIGMA_CONTAINS] = "contains",
                                                     [FW_SIGMA_STARTSWITH] = "startswith",
                                                     [FW_SIGMA_ENDSWITH] = "endswith",
                                                     [FW_SIGMA_ALL_OF] = "all",
                                                     [FW_SIGMA_RE] = "re",
                                                     [FW_SIGMA_CIDR] = "cidr",
                                                     [FW_SIGMA_CASED] = "cased",
                                                     [FW_SIGMA_EXISTS] = "exists",
                                                     [FW_SIGMA_GT] = "gt",
                                                     [FW_SIGMA_GTE] = "gte",
                                                     [FW_SIGMA_LT] = "lt",
                                                     [FW_SIGMA_LTE] = "lte",
                                                     [FW_SIGMA_RE_I] = "i",
                                                     [FW_SIGMA_RE_M] = "m",
                                                     [FW_SIGMA_RE_S] = "s",
                                                     [FW_SIGMA_NEQ] = "neq",
                                                     [FW_SIGMA_WIDE] = "wide",
                                                     [FW_SIGMA_BASE64] = "base64",
                                                     [FW_SIGMA_OFFSET] = "base64offset"};

/* ---- fields ---- */

static bool find_ecs(const char *name, struct fw_sigma_field *field) {
    for (size_t i = 0; i < FW_FIELDS; i++) {
        const struct fw_field_info *info = &fw_field_table[i];

        if (strcmp(info->ecs, name) != 0)
            continue;
        *field = (struct fw_sigma_field){info->ecs, info->name, ALL, FW_SIGMA_NUMBER};
        switch (info->type) {
        case FW_TYPE_ADDR:
            field->sort = FW_SIGMA_ADDR;
            return true;
        case FW_TYPE_STR:
            field->sort = FW_SIGMA_TEXT;
            return true;
        case FW_TYPE_PROTO:
            field->sort = FW_SIGMA_PROTO;
            return true;
        case FW_TYPE_ACTION:
            field->sort = FW_SIGMA_ACTION;
            return true;
        case FW_TYPE_OUTCOME:
            field->sort = FW_SIGMA_OUTCOME;
            return true;
        case FW_TYPE_MS: /* ECS has nanoseconds */
        case FW_TYPE_FLAGS:
            return false;
        default:
            field->sort = i == FW_F_status ? FW_SIGMA_STATUS : FW_SIGMA_NUMBER;
            return true;
        }
    }
    return false;
}

static bool find(struct fw_sigma *sigma, const struct fw_yaml_node *at, unsigned category, const char *name,
                 struct fw_sigma_field *field) {
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].name, name) == 0 && (fields[i].categories & category) != 0) {
            *field = fields[i];
            return true;
        }
    if (find_ecs(name, field))
        return true;
    fw_sigma_refuse(sigma, at, "field \"%.64s\" has no counterpart in events of this category", name);
    return false;
}

bool fw_sigma_field(struct fw_sigma *sigma, const struct fw_yaml_node *at, unsigned category, const char *name,
                    struct fw_sigma_field *field) {
    if (!find(sigma, at, category, name, field))
        return false;
    if (field->sort <= FW_SIGMA_TEXT)
        return true;
    fw_sigma_refuse(sigma, at, "field \"%.64s\" is a part of the URL, and such cannot be counted", name);
    return false;
}

/* ---- modifiers ---- */

static bool fits(unsigned mods, enum fw_sigma_sort sort) {
    const unsigned main = mods & (PLACES | BIT(RE) | BIT(CIDR) | BIT(EXISTS) | COMPARES);
    unsigned may = BIT(EXISTS) | BIT(NEQ);

    if (sort == FW_SIGMA_ADDR)
        may |= BIT(CIDR) | BIT(STARTSWITH);
    else if (sort == FW_SIGMA_NUMBER)
        may |= COMPARES;
    else if (sort == FW_SIGMA_STATUS)
        may |= COMPARES | PLACES;
    else if (sort >= FW_SIGMA_TEXT)
        may |= PLACES | BIT(ALL_OF) | BIT(CASED);
    if (sort == FW_SIGMA_TEXT || sort == FW_SIGMA_REQUEST)
        may |= BIT(RE) | FW_SIGMA_RE_FLAGS | BIT(WIDE) | FW_SIGMA_CODES;
    if (sort == FW_SIGMA_EXTENSION)
        may &= ~PLACES;
    return (mods & ~may) == 0 && (main & (main - 1)) == 0 &&
           ((mods & FW_SIGMA_RE_FLAGS) == 0 || (mods & BIT(RE)) != 0) &&
           ((mods & BIT(WIDE)) == 0 || (mods & FW_SIGMA_CODES) != 0) &&
           ((mods & FW_SIGMA_CODES) == 0 || ((mods & BIT(CONTAINS)) != 0 && (mods & FW_SIGMA_CODES) != FW_SIGMA_CODES));
}

static const char *allowed(enum fw_sigma_sort sort) {
    switch (sort) {
    case FW_SIGMA_ADDR:
        return "an address takes cidr, startswith, exists and neq";
    case FW_SIGMA_NUMBER:
        return "a number takes gt, gte, lt, lte, exists and neq";
    case FW_SIGMA_STATUS:
        return "a status takes contains, startswith, endswith, gt, gte, lt, lte, exists and neq";
    case FW_SIGMA_TEXT:
    case FW_SIGMA_REQUEST:
        return "a text takes contains, startswith or endswith with all and cased, re with i, m and s, exists, neq, and "
               "before contains wide, base64 and base64offset";
    case FW_SIGMA_STEM:
    case FW_SIGMA_QUERY:
        return "a part of the URL takes contains, startswith, endswith, all, cased, exists and neq";
    default:
        return "this field takes exists and neq";
    }
}

static bool read_modifiers(struct fw_sigma *sigma, const struct fw_yaml_node *node, char *rest, unsigned *mods) {
    while (rest) {
        const char *word = strsep(&rest, "|");
        unsigned i = 0;

        if (strcmp(word, "utf16le") == 0)
            word = modifiers[FW_SIGMA_WIDE];
        while (i < FW_SIGMA_MODS && strcmp(word, modifiers[i]) != 0)
            i++;
        if (i == FW_SIGMA_MODS) {
            fw_sigma_refuse(sigma, node->key, "modifier \"%.64s\" has no counterpart", word);
            return false;
        }
        *mods |= 1u << i;
    }
    return true;
}

/* ---- a test ---- */

static void put_group(struct fw_sigma_list *to, const char *ours, const char *mods, struct fw_sigma_list *values) {
    char *text = NULL;

    if (values->count > 0 && asprintf(&text, "{%s%s: [%s]}", ours, mods, values->text ? values->text : "") >= 0)
        fw_sigma_put(to, text);
    free(values->text);
}

/* There is such a thing, or not. */
static char *presence(const struct fw_sigma_field *field, bool yes) {
    const char *part = fw_sigma_has_part(field->sort);
    char *text = NULL;

    if ((part ? asprintf(&text, yes ? "{%s|re: ['%s']}" : "{not: {%s|re: ['%s']}}", field->ours, part)
              : asprintf(&text, "{%s|exists: %s}", field->ours, yes ? "yes" : "no")) < 0)
        return NULL;
    return text;
}

static void name_modifiers(unsigned mods, char words[64]) {
    words[0] = '\0';
    for (unsigned i = 0; i < FW_SIGMA_MODS; i++)
        if ((mods >> i & 1) != 0)
            (void)snprintf(words + strlen(words), 64 - strlen(words), "|%s", modifiers[i]);
}

static char *build(const struct fw_sigma_field *field, unsigned mods, struct fw_sigma_values *values) {
    const unsigned kept = mods & (BIT(ALL_OF) | BIT(CASED));
    const bool number = field->sort <= FW_SIGMA_STATUS;
    struct fw_sigma_list all = {.count = 0};
    char words[64];

    name_modifiers(kept | (mods & (number ? COMPARES : PLACES)), words);
    put_group(&all, field->ours, words, &values->plain);
    name_modifiers(kept, words);
    put_group(&all, field->ours, words, &values->wild);
    put_group(&all, field->ours, (mods & BIT(ALL_OF)) != 0 ? "|re|all" : "|re", &values->regex);
    if (values->absent)
        fw_sigma_put(&all, presence(field, false));
    if (values->present)
        fw_sigma_put(&all, presence(field, true));
    return fw_sigma_end(&all, (mods & BIT(ALL_OF)) != 0 ? "and" : "or");
}

/* A number among words that all say the same is how some device calls that. */
static bool is_code(const struct fw_yaml_node *list, const struct fw_yaml_node *item) {
    const char *same = NULL;

    if (item->type != FW_YAML_TEXT || strspn(item->text, "0123456789") != strlen(item->text))
        return false;
    for (const struct fw_yaml_node *other = list->first; other; other = other->next) {
        const char *word = other->type == FW_YAML_TEXT ? fw_sigma_action(other->text) : NULL;

        if (same && word && strcmp(same, word) != 0)
            return false;
        same = word ? word : same;
    }
    return same != NULL;
}

static char *make_test(struct fw_sigma *sigma, const struct fw_yaml_node *node, const struct fw_sigma_field *field,
                       unsigned mods) {
    struct fw_sigma_values values = {.absent = false};

    if (node->type == FW_YAML_LIST && node->count == 0)
        fw_sigma_refuse(sigma, node, "an empty list: no value would do");
    if (node->type != FW_YAML_LIST)
        fw_sigma_value(sigma, node, field, mods, &values);
    for (const struct fw_yaml_node *item = node->type == FW_YAML_LIST ? node->first : NULL; item; item = item->next)
        if (field->sort != FW_SIGMA_ACTION || !is_code(node, item))
            fw_sigma_value(sigma, item, field, mods, &values);
    return build(field, mods, &values);
}

static char *make_exists(struct fw_sigma *sigma, const struct fw_yaml_node *node, const struct fw_sigma_field *field) {
    const char *text = node->type == FW_YAML_TEXT ? node->text : "";
    const bool yes = strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0;

    if (!yes && strcasecmp(text, "false") != 0 && strcasecmp(text, "no") != 0)
        fw_sigma_refuse(sigma, node, "\"exists\" must be true or false");
    return presence(field, yes);
}

char *fw_sigma_test(struct fw_sigma *sigma, const struct fw_yaml_node *node) {
    char name[128], *rest = name, *text = NULL, *negated = NULL;
    struct fw_sigma_field field = message;
    unsigned mods = 0;

    (void)snprintf(name, sizeof name, "%.127s", node->key->text);
    (void)strsep(&rest, "|");
    if (name[0] != '\0' && !find(sigma, node->key, sigma->now->category, name, &field))
        return NULL;
    if (!read_modifiers(sigma, node, rest, &mods))
        return NULL;
    if (name[0] == '\0') /* "|all": keywords */
        mods |= (mods & (BIT(RE) | PLACES)) == 0 ? BIT(CONTAINS) : 0;
    if (!fits(mods, field.sort)) {
        fw_sigma_refuse(sigma, node->key, "these modifiers do not go with the field: \"%.64s\"; %s", node->key->text,
                        allowed(field.sort));
        return NULL;
    }
    sigma->now->answer |= strcmp(field.ours, "answer") == 0;
    text = (mods & BIT(EXISTS)) != 0 ? make_exists(sigma, node, &field) : make_test(sigma, node, &field, mods);
    if ((mods & BIT(NEQ)) == 0 || !text)
        return text;
    if (asprintf(&negated, "{not: %s}", text) < 0)
        negated = NULL;
    free(text);
    return negated;
}

char *fw_sigma_keywords(struct fw_sigma *sigma, const struct fw_yaml_node *list) {
    return make_test(sigma, list, &message, BIT(CONTAINS));
}
