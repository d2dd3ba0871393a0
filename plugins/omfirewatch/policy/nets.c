/* nets.c: networks of a policy, by address and by name. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define NET_FORM "a list of networks: [10.1.0.0/16, 192.0.2.7, office]"

/* What is home when nobody says: addresses that cannot come from outside.
 * RFC 1918 and RFC 4193 are private; RFC 6598 is shared between a provider and
 * its customers, and who logs it is one of them. Link-local and loopback
 * addresses never cross a router: whoever shows up with one is on a wire of
 * ours, and calling it remote would hold a neighbour's chatter to the bars
 * meant for strangers. */
static const char *const default_home[] = {
    "10.0.0.0/8",  "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
    "127.0.0.0/8", "fc00::/7",      "fe80::/10",      "::1",
};

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A name can never be taken for an address: a letter, then letters, digits, '_' and '-'. */
static bool is_name(const char *text) {
    size_t len = 0;

    if (!is_letter(text[0]))
        return false;
    while (is_letter(text[len]) || (text[len] >= '0' && text[len] <= '9') || text[len] == '_' || text[len] == '-')
        len++;
    return len <= FW_POLICY_NAME_MAX && text[len] == '\0';
}

/* The name defined so far, or -1. Policies have a few dozen names; with many thousands this is slow, not wrong. */
static long find_name(const struct fw_policy *policy, const char *text) {
    for (size_t i = 0; i < policy->names_count; i++)
        if (strcmp(policy->names[i].name, text) == 0)
            return (long)i;
    return -1;
}

/* Under "networks", but only further on? */
static const struct fw_yaml_node *find_later(const struct fw_policy_reader *reader, const char *text,
                                             const char **path) {
    for (size_t i = 0; i < reader->files_count; i++) {
        const struct fw_yaml *file = &reader->files[i];
        const struct fw_yaml_node *section = file->root && file->root->type == FW_YAML_MAP ? file->root->first : NULL;

        while (section && strcmp(section->key->text, "networks") != 0)
            section = section->next;
        if (!section || section->type != FW_YAML_MAP)
            continue;
        *path = file->path;
        for (const struct fw_yaml_node *node = section->first; node; node = node->next)
            if (strcmp(node->key->text, text) == 0)
                return node->key;
    }
    return NULL;
}

static void report_name(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    const struct fw_policy *policy = reader->policy;
    const char *path = NULL, **names, *near = NULL;
    const struct fw_yaml_node *later = find_later(reader, node->text, &path);

    if (later) {
        const bool here = strcmp(path, reader->path) == 0;

        FW_POLICY_PROBLEM(reader, node,
                          "\"%s\" is used before it is defined, on line %u%s%s: a name may use earlier ones",
                          node->text, later->line, here ? "" : " of ", here ? "" : path);
        return;
    }
    names = policy->names_count > 0 ? calloc(policy->names_count, sizeof *names) : NULL;
    if (names) {
        for (size_t i = 0; i < policy->names_count; i++)
            names[i] = policy->names[i].name;
        near = fw_problem_nearest(node->text, names, policy->names_count);
    }
    if (near)
        FW_POLICY_PROBLEM(reader, node, "no networks are named \"%s\"; did you mean \"%s\"?", node->text, near);
    else
        FW_POLICY_PROBLEM(reader, node, "no networks are named \"%s\"; names are defined under \"networks\"",
                          node->text);
    free(names);
}

static bool read_net(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_policy_net *net) {
    char err[FW_PROBLEM_TEXT];

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "a network", "10.1.0.0/16, 192.0.2.7 or a name"))
        return false;
    if (is_name(node->text)) {
        const long name = find_name(reader->policy, node->text);

        if (name < 0) {
            report_name(reader, node);
            return false;
        }
        *net = (struct fw_policy_net){.named = true, .name = (uint32_t)name};
        return true;
    }
    net->named = false;
    if (fw_net_parse(&net->net, node->text, strlen(node->text), err, sizeof err) != 0) {
        FW_POLICY_PROBLEM(reader, node, "%s", err);
        return false;
    }
    return true;
}

static bool count_net(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    if (reader->nets < FW_POLICY_NETS_MAX) {
        reader->nets++;
        return true;
    }
    if (!reader->nets_full)
        FW_POLICY_PROBLEM(reader, node, "more than %d networks in all lists together", FW_POLICY_NETS_MAX);
    reader->nets_full = true;
    return false;
}

void fw_policy_read_nets(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const char *what,
                         struct fw_policy_nets *nets) {
    const bool single = node->type == FW_YAML_TEXT;
    const struct fw_yaml_node *item = single ? node : node->first;

    if (!single && !fw_policy_expect(reader, node, FW_YAML_LIST, what, NET_FORM))
        return;
    void *grown = fw_policy_grow(reader, node, nets->items, nets->count, single ? 1 : node->count, sizeof *nets->items);
    if (!grown)
        return;
    nets->items = grown;
    for (; item; item = single ? NULL : item->next) {
        if (!count_net(reader, item))
            return;
        if (read_net(reader, item, &nets->items[nets->count]))
            nets->count++;
    }
}

/* --- names --------------------------------------------------------------- */

static void take_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    static const struct fw_param asset = {
        .name = "asset", .unit = FW_UNIT_COUNT, .min = FW_ASSET_MIN, .max = FW_ASSET_MAX, .value = FW_ASSET_DEFAULT};
    struct fw_policy_origin said = {0};
    struct fw_policy_name *name = cookie;
    int64_t value = 0;

    if (key == 0) {
        fw_policy_read_nets(reader, node, "networks", &name->nets);
        return;
    }
    fw_policy_read_value(reader, node, &asset, &value, &said);
    name->asset = (uint8_t)value;
}

/* A list, or {networks: [...], asset: 4} */
static void read_named(struct fw_policy_reader *reader, const struct fw_yaml_node *item, struct fw_policy_name *name) {
    static const char *const keys[] = {"networks", "asset"};

    if (item->type != FW_YAML_MAP)
        fw_policy_read_nets(reader, item, item->key->text, &name->nets);
    else if ((fw_policy_read_map(reader, item, "key of named networks", keys, 2, take_key, name) & 1) == 0)
        FW_POLICY_PROBLEM(reader, item, "\"%.64s\" has no \"networks\": {networks: [10.1.0.0/16], asset: 4}",
                          item->key->text);
}

static bool same_networks(const struct fw_policy_name *a, const struct fw_policy_name *b) {
    if (a->asset != b->asset || a->nets.count != b->nets.count)
        return false;
    if (!a->nets.items || !b->nets.items)
        return a->nets.count == 0;
    for (size_t i = 0; i < a->nets.count; i++) {
        const struct fw_policy_net *x = &a->nets.items[i], *y = &b->nets.items[i];

        if (x->named != y->named || (x->named && x->name != y->name) ||
            (!x->named && (x->net.bits != y->net.bits || !fw_addr_equal(&x->net.addr, &y->net.addr))))
            return false;
    }
    return true;
}

static void add_name(struct fw_policy_reader *reader, const struct fw_yaml_node *item) {
    struct fw_policy *policy = reader->policy;
    struct fw_policy_name *name = &policy->names[policy->names_count];
    const long before = find_name(policy, item->key->text);

    *name = (struct fw_policy_name){.origin = fw_policy_origin(reader, item->key)};
    read_named(reader, item, name);
    if (before >= 0) { /* in another file: yaml.c sees to the same one */
        struct fw_policy_name *first = &policy->names[before];

        (void)fw_policy_agree(reader, item->key, first->name, same_networks(first, name), &first->origin);
        free(name->nets.items);
        return;
    }
    name->name = strdup(item->key->text);
    if (name->name) {
        policy->names_count++; /* only now: it cannot use itself */
        return;
    }
    free(name->nets.items);
    FW_POLICY_PROBLEM(reader, item, "not enough memory");
}

void fw_policy_read_names(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_policy *policy = reader->policy;

    if (!fw_policy_expect(reader, node, FW_YAML_MAP, "networks",
                          "a mapping of names, each with its networks: office: [10.1.0.0/16]"))
        return;
    void *grown = fw_policy_grow(reader, node, policy->names, policy->names_count, node->count, sizeof *policy->names);
    if (!grown)
        return;
    policy->names = grown;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        if (is_name(item->key->text)) {
            if (item->type != FW_YAML_BROKEN)
                add_name(reader, item);
            continue;
        }
        FW_POLICY_PROBLEM(reader, item->key,
                          "\"%.64s\" is no name for networks: a letter, then letters, digits, '_' and '-', at most %d",
                          item->key->text, FW_POLICY_NAME_MAX);
    }
}

/* --- home ---------------------------------------------------------------- */

/* The first to say it replaces the default; the others add to it. */
void fw_policy_read_home(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_policy_nets *home = &reader->policy->home;

    if (!reader->home_said)
        home->count = 0;
    reader->home_said = true;
    fw_policy_read_nets(reader, node, "home", home);
}

int fw_policy_default_home(struct fw_policy *policy) {
    const size_t n = sizeof default_home / sizeof *default_home;

    policy->home.items = calloc(n, sizeof *policy->home.items);
    if (!policy->home.items)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (fw_net_parse(&policy->home.items[i].net, default_home[i], strlen(default_home[i]), NULL, 0) == 0)
            policy->home.count++;
    return 0;
}
