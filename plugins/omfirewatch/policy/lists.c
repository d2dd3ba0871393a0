/* lists.c: the lists of services, ports and hosts: every *.yaml of a directory, in the order of names.
 *
 * A list says what it is, of which day, and from where; whoever replaces it can
 * tell how old it is. What is broken in one is refused as it is in a policy.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#ifdef FW_PKGDATADIR
#define FW_LISTS_PATH FW_PKGDATADIR "/lists"
#else
#define FW_LISTS_PATH "/usr/share/firewatch/lists"
#endif
#define SOURCE_MAX 500

/* A relative one is beside the policy that names it. */
static char *resolve(const char *policy, const char *path) {
    const char *slash = strrchr(policy, '/');
    const size_t dir = path[0] != '/' && slash ? (size_t)(slash - policy) + 1 : 0;
    char *text = malloc(dir + strlen(path) + 1);

    if (text) {
        memcpy(text, policy, dir);
        memcpy(text + dir, path, strlen(path) + 1);
    }
    return text;
}

void fw_policy_read_lists_section(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_policy *policy = reader->policy;

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "lists", "a directory: /etc/firewatch/lists"))
        return;
    char *path = resolve(reader->path, node->text);
    if (!path)
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
    else if (fw_policy_agree(reader, node, "lists", policy->lists_path && strcmp(policy->lists_path, path) == 0,
                             &reader->lists)) {
        policy->lists_path = path;
        path = NULL;
    }
    free(path);
}

/* ---- services ---- */

struct service {
    struct fw_listed *service;
    uint16_t number;
    bool has_networks;
};

static bool is_label(const char *text, size_t max, const char *chars) {
    const size_t len = strlen(text);

    return len > 0 && len < max && strspn(text, chars) == len;
}
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"
#define HOST_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-."

static void add_domain(struct fw_policy_reader *reader, const struct fw_yaml_node *node, uint16_t service) {
    struct fw_lists *lists = reader->policy->lists;

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "domains", "host names: [example.com]"))
        return;
    if (!is_label(node->text, FW_DOMAIN_NAME_MAX, HOST_CHARS) || node->text[0] == '.') {
        FW_POLICY_PROBLEM(reader, node, "\"%.64s\" is no host name; it must be lower case letters, digits, '-' and '.'",
                          node->text);
        return;
    }
    if (lists->domains_count == FW_DOMAINS_MAX) {
        FW_POLICY_PROBLEM(reader, node, "more than %d host names", FW_DOMAINS_MAX);
        return;
    }
    struct fw_domain *domain = &lists->domains[lists->domains_count];
    domain->service = service;
    domain->name = strdup(node->text);
    if (domain->name)
        lists->domains_count++;
    else
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
}

static void add_net(struct fw_policy_reader *reader, const struct fw_yaml_node *node, uint16_t number) {
    struct fw_policy *policy = reader->policy;
    struct fw_policy_service_net *net;
    char err[FW_PROBLEM_TEXT];

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "networks", "networks: [192.0.2.0/24]"))
        return;
    if ((policy->service_nets_count & (policy->service_nets_count - 1)) == 0) { /* full: a power of two */
        void *grown = fw_policy_grow(reader, node, policy->service_nets, policy->service_nets_count,
                                     policy->service_nets_count, sizeof *policy->service_nets);
        if (!grown)
            return;
        policy->service_nets = grown;
    }
    net = &policy->service_nets[policy->service_nets_count];
    if (policy->service_nets_count == FW_POLICY_NETS_MAX)
        FW_POLICY_PROBLEM(reader, node, "more than %d networks", FW_POLICY_NETS_MAX);
    else if (fw_net_parse(&net->net, node->text, strlen(node->text), err, sizeof err) != 0)
        FW_POLICY_PROBLEM(reader, node, "%s", err);
    else {
        net->service = number;
        policy->service_nets_count++;
    }
}

static void add_ports(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_listed *service) {
    struct fw_ports ports;

    if (!fw_policy_read_ports(reader, node, &ports))
        return;
    if (service->ports_count == FW_SERVICE_PORTS_MAX)
        FW_POLICY_PROBLEM(reader, node, "more than %d ports in one service", FW_SERVICE_PORTS_MAX);
    else
        service->ports[service->ports_count++] = ports;
}

/* Those of TCP and UDP are ports' matter, that of ICMP everybody's. */
static void add_protocol(struct fw_policy_reader *reader, const struct fw_yaml_node *node, uint16_t number) {
    struct fw_lists *lists = reader->policy->lists;
    unsigned value = 0;

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "protocols", "numbers of IP protocols: [47]"))
        return;
    for (const char *c = node->text; *c >= '0' && *c <= '9' && value <= UINT8_MAX; c++)
        value = value * 10 + (unsigned)(*c - '0');
    if (node->text[0] == '\0' || strspn(node->text, "0123456789") != strlen(node->text) || value > UINT8_MAX ||
        value == FW_PROTO_ICMP || value == FW_PROTO_TCP || value == FW_PROTO_UDP || value == FW_PROTO_ICMP6)
        FW_POLICY_PROBLEM(
            reader, node,
            "protocol is \"%.64s\"; it must be a number from 0 to 255, and none of 1, 6, 17 and 58, as in "
            "[50, 51]",
            node->text);
    else if (lists->protocols[value] != 0)
        FW_POLICY_PROBLEM(reader, node, "protocol %u is that of \"%s\" already", value,
                          lists->services[lists->protocols[value] - 1].name);
    else
        lists->protocols[value] = (uint8_t)(number + 1);
}

static const char *const service_keys[] = {"name", "group", "networks", "ports", "protocols", "domains"};
enum { KEY_NAME, KEY_GROUP, KEY_NETWORKS, KEY_PORTS, KEY_PROTOCOLS, KEY_DOMAINS };

static void take_service_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key,
                             void *cookie) {
    struct service *one = cookie;

    if (key == KEY_NAME || key == KEY_GROUP) {
        const bool name = key == KEY_NAME;
        const size_t size = name ? sizeof one->service->name : sizeof one->service->group;

        if (!fw_policy_expect(reader, node, FW_YAML_TEXT, service_keys[key], "a word"))
            return;
        if (!is_label(node->text, size, NAME_CHARS))
            FW_POLICY_PROBLEM(reader, node,
                              "\"%s\" is \"%.64s\"; it must be lower case letters, digits and '_', at most %zu",
                              service_keys[key], node->text, size - 1);
        else if (!name && strcmp(node->text, "none") != 0 && !fw_app_is_group(node->text))
            FW_POLICY_PROBLEM(reader, node,
                              "unknown group \"%.64s\"; known are: voip, p2p, im, vpn, tunnel, remote, download, none",
                              node->text);
        else
            memcpy(name ? one->service->name : one->service->group, node->text, strlen(node->text) + 1);
        return;
    }
    if (!fw_policy_expect(reader, node, FW_YAML_LIST, service_keys[key], "a list"))
        return;
    one->has_networks = one->has_networks || key == KEY_NETWORKS;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        if (key == KEY_NETWORKS)
            add_net(reader, item, (uint16_t)(one->number + 1));
        else if (key == KEY_PORTS)
            add_ports(reader, item, one->service);
        else if (key == KEY_PROTOCOLS)
            add_protocol(reader, item, one->number);
        else
            add_domain(reader, item, one->number);
    }
}

static void note_port(struct fw_lists *lists, int proto, unsigned port, unsigned what) {
    for (unsigned i = 0; i < 2; i++)
        if (proto < 0 || proto == (i == 0 ? FW_PROTO_TCP : FW_PROTO_UDP))
            if (lists->ports[i][port] <= 1 || what > 1)
                lists->ports[i][port] = (uint8_t)what;
}

/* A service without networks is known by its ports alone. */
static void note_ports(struct fw_lists *lists, const struct fw_ports *ports, unsigned what) {
    for (unsigned port = ports->first; port <= ports->last; port++)
        note_port(lists, ports->proto, port, what);
}

/* What is there again in the same list adds to it: networks and ports that go together. */
static void check_name(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const struct service *one) {
    const struct fw_lists *lists = reader->policy->lists;

    for (size_t i = 0; i < lists->services_count; i++) {
        if (strcmp(lists->services[i].name, one->service->name) != 0)
            continue;
        if (i < reader->list_first)
            FW_POLICY_PROBLEM(reader, node, "\"%s\" is in another list, too", one->service->name);
        else if (strcmp(lists->services[i].group, one->service->group) != 0)
            FW_POLICY_PROBLEM(reader, node, "\"%s\" is there before, in the group \"%s\"", one->service->name,
                              lists->services[i].group);
        else
            continue;
        return;
    }
}

static void read_service(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_lists *lists = reader->policy->lists;

    if (!fw_policy_expect(reader, node, FW_YAML_MAP, "a service",
                          "a mapping: {name: ..., group: ..., networks: [...]}"))
        return;
    if (lists->services_count == FW_SERVICES_MAX) {
        FW_POLICY_PROBLEM(reader, node, "more than %d services", FW_SERVICES_MAX);
        return;
    }
    struct service one = {.service = &lists->services[lists->services_count],
                          .number = (uint16_t)lists->services_count};
    const uint64_t seen =
        fw_policy_read_map(reader, node, "key of a service", service_keys, COUNT(service_keys), take_service_key, &one);
    if ((seen & 3) != 3 || (seen & ~UINT64_C(3)) == 0)
        FW_POLICY_PROBLEM(reader, node, "a service has name and group, and networks, ports, protocols or domains");
    check_name(reader, node, &one);
    lists->services_count++;
    for (size_t i = 0; !one.has_networks && i < one.service->ports_count; i++)
        note_ports(lists, &one.service->ports[i], one.number + 2U);
}

/* ---- a list ---- */

static const char *const list_keys[] = {"list", "date", "source", "services", "ports", "updates"};
enum { LIST_NAME, LIST_DATE, LIST_SOURCE, LIST_SERVICES, LIST_PORTS, LIST_UPDATES };

static void take_list_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    struct fw_policy_date date;
    struct fw_ports ports;

    (void)cookie;
    if (key <= LIST_SOURCE) {
        if (!fw_policy_expect(reader, node, FW_YAML_TEXT, list_keys[key], "a text"))
            return;
        if (key == LIST_DATE ? fw_policy_parse_date(node->text, &date) != 0
                             : node->text[0] == '\0' || strlen(node->text) > SOURCE_MAX)
            FW_POLICY_PROBLEM(reader, node, "\"%s\" is \"%.64s\"; it must be %s", list_keys[key], node->text,
                              key == LIST_DATE ? "the day it is of: 2026-11-30" : "a text of at most 500 bytes");
        return;
    }
    if (!fw_policy_expect(reader, node, FW_YAML_LIST, list_keys[key], "a list"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        if (key == LIST_SERVICES)
            read_service(reader, item);
        else if (key == LIST_UPDATES)
            add_domain(reader, item, FW_SERVICE_UPDATES);
        else if (fw_policy_read_ports(reader, item, &ports))
            note_ports(reader->policy->lists, &ports, 1);
    }
}

static void read_list(struct fw_policy_reader *reader, const char *path) {
    struct fw_yaml yaml;
    const char *before = reader->path;

    reader->path = path;
    reader->list_first = reader->policy->lists->services_count;
    if (fw_yaml_read(&yaml, path, FW_POLICY_BYTES_MAX, reader->problems) == 0) {
        const struct fw_yaml_node *root = yaml.root;

        if (!root)
            fw_problem(reader->problems, path, 0, 0, "the list is empty");
        else if (fw_policy_expect(reader, root, FW_YAML_MAP, "a list", "a mapping with keys list, date, source")) {
            const uint64_t seen =
                fw_policy_read_map(reader, root, "key of a list", list_keys, COUNT(list_keys), take_list_key, NULL);
            for (size_t i = LIST_NAME; i <= LIST_SOURCE; i++)
                if ((seen >> i & 1) == 0)
                    FW_POLICY_PROBLEM(reader, root, "this list has no \"%s\"; every list has list, date and source",
                                      list_keys[i]);
        }
    }
    fw_yaml_free(&yaml);
    reader->path = before;
}

/* ---- all of them ---- */

static int compare_domains(const void *a, const void *b) {
    const struct fw_domain *x = a, *y = b;
    const int order = strcmp(x->name, y->name);

    return order != 0 ? order : (x->service > y->service) - (x->service < y->service);
}

/* Of two that say something of one name the first service counts, and a service before updates. */
static void sort_domains(struct fw_lists *lists) {
    size_t kept = 0;

    qsort(lists->domains, lists->domains_count, sizeof *lists->domains, compare_domains);
    for (size_t i = 0; i < lists->domains_count; i++) {
        if (kept > 0 && strcmp(lists->domains[kept - 1].name, lists->domains[i].name) == 0)
            free(lists->domains[i].name);
        else
            lists->domains[kept++] = lists->domains[i];
    }
    lists->domains_count = kept;
}

static const char *path_of(const struct fw_policy *policy) {
    const char *environment = getenv("FIREWATCH_LISTS");

    if (policy->lists_path)
        return policy->lists_path;
    return environment && environment[0] ? environment : FW_LISTS_PATH;
}

void fw_policy_load_lists(struct fw_policy_reader *reader) {
    struct fw_policy *policy = reader->policy;
    const char *path = path_of(policy);
    const size_t size = strlen(path) + sizeof "/*.yaml";
    char *pattern = malloc(size);
    glob_t found;

    policy->lists = calloc(1, sizeof *policy->lists);
    if (policy->lists)
        policy->lists->domains = calloc(FW_DOMAINS_MAX, sizeof *policy->lists->domains);
    if (!pattern || !policy->lists || !policy->lists->domains) {
        fw_problem(reader->problems, path, 0, 0, "not enough memory");
        free(pattern);
        return;
    }
    (void)snprintf(pattern, size, "%s/*.yaml", path);
    const int result = glob(pattern, 0, NULL, &found);
    if (result == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            read_list(reader, found.gl_pathv[i]);
        globfree(&found);
    } else {
        fw_problem(reader->problems, reader->lists.path ? reader->lists.path : path, reader->lists.line,
                   reader->lists.column, "there are no lists in %s: %s", path,
                   result == GLOB_NOMATCH ? "no *.yaml" : strerror(errno));
    }
    free(pattern);
    sort_domains(policy->lists);
    policy->site.lists = policy->lists;
}

void fw_policy_free_lists(struct fw_policy *policy) {
    for (size_t i = 0; policy->lists && i < policy->lists->domains_count; i++)
        free(policy->lists->domains[i].name);
    if (policy->lists)
        free(policy->lists->domains);
    free(policy->lists);
    free(policy->lists_path);
    free(policy->service_nets);
}
