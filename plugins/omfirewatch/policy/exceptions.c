/* exceptions.c: what a detector or rule is not to look at: from, to, at which port, when, until. */
#include <string.h>

#include "internal.h"
#include "value.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define PORT_FORM    "a port: 445, tcp/445, 8000-8010 or udp/5000-5010"
#define PROTO_SCTP   132

static const struct {
    const char *name;
    int number;
} protos[] = {{"tcp", FW_PROTO_TCP}, {"udp", FW_PROTO_UDP}, {"sctp", PROTO_SCTP}};

const char *fw_policy_proto_name(int proto) {
    for (size_t i = 0; i < COUNT(protos); i++)
        if (protos[i].number == proto)
            return protos[i].name;
    return "";
}

static void read_detector(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                          struct fw_policy_entry *exception) {
    const char *names[FW_DETECTORS_MAX + FW_RULES_MAX];
    const size_t detectors = fw_policy_detector_names(names);
    const size_t n = detectors + fw_policy_rule_ids(reader, names + detectors); /* in the order of the ruleset */

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "detector", "the name of a detector or rule, or a list of them"))
        return;
    const size_t i = fw_policy_find(node->text, names, n), rule = i - detectors;
    if (i == n) {
        fw_policy_unknown(reader, node, n > detectors ? "detector or rule" : "detector", names, n);
    } else if (i < detectors) {
        exception->detectors |= UINT64_C(1) << i;
    } else {
        exception->rules[rule / 64] |= UINT64_C(1) << rule % 64;
        exception->has_rules = true;
    }
}

static int parse_port(const char *text, size_t len, uint16_t *port) {
    char digits[6] = "";
    int64_t value;

    if (len == 0 || len >= sizeof digits)
        return -1;
    memcpy(digits, text, len);
    if (fw_value_parse(FW_UNIT_COUNT, digits, &value) != 0 || value < 1 || value > UINT16_MAX)
        return -1;
    *port = (uint16_t)value;
    return 0;
}

bool fw_policy_read_ports(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_ports *out) {
    struct fw_ports ports = {.proto = -1};

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "port", PORT_FORM))
        return false;
    const char *slash = strchr(node->text, '/'), *text = slash ? slash + 1 : node->text, *dash = strchr(text, '-');
    for (size_t i = 0; slash && i < COUNT(protos); i++)
        if (strlen(protos[i].name) == (size_t)(slash - node->text) &&
            strncmp(node->text, protos[i].name, (size_t)(slash - node->text)) == 0)
            ports.proto = protos[i].number;
    if (slash && ports.proto < 0) {
        FW_POLICY_PROBLEM(reader, node, "\"%.64s\" has no protocol with ports; known are: tcp, udp, sctp", node->text);
        return false;
    }
    if (parse_port(text, dash ? (size_t)(dash - text) : strlen(text), &ports.first) != 0 ||
        (dash && parse_port(dash + 1, strlen(dash + 1), &ports.last) != 0)) {
        FW_POLICY_PROBLEM(reader, node, "\"port\" is \"%.64s\"; it must be " PORT_FORM ", from 1 to 65535", node->text);
        return false;
    }
    if (!dash)
        ports.last = ports.first;
    if (ports.last < ports.first) {
        FW_POLICY_PROBLEM(reader, node, "\"%.64s\" is turned round: the smaller port comes first, %u-%u", node->text,
                          ports.last, ports.first);
        return false;
    }
    *out = ports;
    return true;
}

static void read_port(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                      struct fw_policy_entry *exception) {
    struct fw_ports ports;

    if (!fw_policy_read_ports(reader, node, &ports))
        return;
    if (exception->ports_count == FW_POLICY_PORTS_MAX)
        FW_POLICY_PROBLEM(reader, node, "more than %d ports in one exception", FW_POLICY_PORTS_MAX);
    else
        exception->ports[exception->ports_count++] = ports;
}

/* One, or a list of them. */
static void read_each(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                      struct fw_policy_entry *exception,
                      void (*read)(struct fw_policy_reader *, const struct fw_yaml_node *, struct fw_policy_entry *)) {
    if (node->type != FW_YAML_LIST) {
        read(reader, node, exception);
        return;
    }
    if (node->count == 0)
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is an empty list", node->key->text);
    for (const struct fw_yaml_node *item = node->first; item; item = item->next)
        read(reader, item, exception);
}

static const char *const keys[] = {"detector", "source", "destination", "port", FW_POLICY_ENTRY_KEYS};
enum { KEY_DETECTOR, KEY_SOURCE, KEY_DESTINATION, KEY_PORT, KEYS_OWN };

static void read_side(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_policy_nets *nets) {
    if (node->type == FW_YAML_LIST && node->count == 0)
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is an empty list: leave it out for any", node->key->text);
    else
        fw_policy_read_nets(reader, node, node->key->text, nets);
}

static void take_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    struct fw_policy_entry *exception = cookie;

    switch (key) {
    case KEY_DETECTOR:
        read_each(reader, node, exception, read_detector);
        break;
    case KEY_SOURCE:
        read_side(reader, node, &exception->source);
        break;
    case KEY_DESTINATION:
        read_side(reader, node, &exception->destination);
        break;
    case KEY_PORT:
        read_each(reader, node, exception, read_port);
        break;
    default:
        fw_policy_read_entry_key(reader, node, (enum fw_policy_entry_key)(key - KEYS_OWN), exception);
        break;
    }
}

static void read_exception(struct fw_policy_reader *reader, const struct fw_yaml_node *item,
                           struct fw_policy_entry *exception) {
    static const size_t needed[] = {KEY_DETECTOR, KEYS_OWN + FW_ENTRY_REASON, KEYS_OWN + FW_ENTRY_UNTIL};
    static const uint64_t about = 1u << KEY_SOURCE | 1u << KEY_DESTINATION | 1u << KEY_PORT;
    const uint64_t seen =
        fw_policy_read_map(reader, item, "key of an exception", keys, COUNT(keys), take_key, exception);

    for (size_t i = 0; i < COUNT(needed); i++)
        if ((seen >> needed[i] & 1) == 0)
            FW_POLICY_PROBLEM(reader, item,
                              "this exception has no \"%s\"; every exception has detector, reason and until",
                              keys[needed[i]]);
    if ((seen & about) == 0)
        FW_POLICY_PROBLEM(reader, item,
                          "this exception has neither source nor destination nor port; a detector is turned off "
                          "under \"detectors\"");
}

void fw_policy_read_exceptions(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    if (!fw_policy_expect(reader, node, FW_YAML_LIST, "exceptions",
                          "a list: - {detector: ..., source: [10.1.0.5], reason: \"...\", until: 2027-03-31}"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        struct fw_policy_entry *exception;

        if (!fw_policy_expect(reader, item, FW_YAML_MAP, "an exception",
                              "a mapping: {detector: ..., source: [...], reason: \"...\", until: 2027-03-31}"))
            continue;
        exception = fw_policy_add_entry(reader, item, &reader->policy->exceptions);
        if (!exception)
            return;
        read_exception(reader, item, exception);
    }
}
