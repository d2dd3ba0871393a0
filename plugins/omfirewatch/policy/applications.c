/* applications.c: who may use what: the white, the grey and the black list of applications' users. */
#include <stdlib.h>
#include <string.h>

#include "../core/json.h"
#include "internal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const states[] = {"allowed", "asked", "forbidden"};
static const enum fw_app_state state_of[] = {FW_APP_ALLOWED, FW_APP_ASKED, FW_APP_FORBIDDEN};

static const char *const keys[] = {"application", "networks", "state", "until", "reason"};
enum { KEY_APPLICATION, KEY_NETWORKS, KEY_STATE, KEY_UNTIL, KEY_REASON };

/* All that may be written: applications, services of lists, groups. */
static size_t known_names(const struct fw_policy *policy, const char **names, size_t most) {
    size_t n = 0;

    for (const struct fw_app *app = fw_apps; app->name && n < most; app++)
        names[n++] = app->name;
    for (size_t i = 0; policy->lists && i < policy->lists->services_count && n < most; i++)
        if (strcmp(policy->lists->services[i].group, "none") != 0)
            names[n++] = policy->lists->services[i].name;
    return n;
}

static void read_name(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                      struct fw_policy_application *one) {
    const char *names[FW_SERVICES_MAX + 64];
    const size_t n = known_names(reader->policy, names, COUNT(names));

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "application", "the name of an application, or of a group"))
        return;
    if (fw_policy_find(node->text, names, n) == n && !fw_app_is_group(node->text)) {
        const char *near = fw_problem_nearest(node->text, names, n);

        FW_POLICY_PROBLEM(reader, node,
                          "unknown application \"%.64s\"%s%s%s it must be one that is documented, a service of the "
                          "lists, or a group: voip, p2p, im, vpn, tunnel, remote, download",
                          node->text, near ? "; did you mean \"" : ";", near ? near : "", near ? "\"? Otherwise" : "");
        return;
    }
    memcpy(one->rule.app, node->text, strnlen(node->text, sizeof one->rule.app - 1));
}

static void read_state(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                       struct fw_policy_application *one) {
    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "state", "allowed, asked or forbidden"))
        return;
    const size_t state = fw_policy_find(node->text, states, COUNT(states));
    if (state == COUNT(states))
        fw_policy_unknown(reader, node, "state", states, COUNT(states));
    else
        one->rule.state = state_of[state];
}

static void take_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    struct fw_policy_application *one = cookie;

    switch (key) {
    case KEY_APPLICATION:
        read_name(reader, node, one);
        break;
    case KEY_NETWORKS:
        one->has_networks = true;
        if (node->type == FW_YAML_LIST && node->count == 0)
            FW_POLICY_PROBLEM(reader, node, "\"networks\" is an empty list: leave it out for everybody");
        else
            fw_policy_read_nets(reader, node, "networks", &one->networks);
        break;
    case KEY_STATE:
        read_state(reader, node, one);
        break;
    case KEY_UNTIL:
        if (fw_policy_expect(reader, node, FW_YAML_TEXT, "until", "a date: 2027-03-31") &&
            fw_policy_parse_date(node->text, &one->until) != 0)
            FW_POLICY_PROBLEM(reader, node, "\"until\" is \"%.64s\"; it must be a date, the last day: 2027-03-31",
                              node->text);
        break;
    case KEY_REASON:
    default:
        one->reason = fw_policy_read_reason(reader, node);
        break;
    }
}

static void read_one(struct fw_policy_reader *reader, const struct fw_yaml_node *item,
                     struct fw_policy_application *one) {
    static const size_t needed[] = {KEY_APPLICATION, KEY_STATE, KEY_REASON};
    const uint64_t seen = fw_policy_read_map(reader, item, "key of an application", keys, COUNT(keys), take_key, one);

    for (size_t i = 0; i < COUNT(needed); i++)
        if ((seen >> needed[i] & 1) == 0)
            FW_POLICY_PROBLEM(reader, item,
                              "this entry has no \"%s\"; every one has application, state and reason, and what is "
                              "asked has an until",
                              keys[needed[i]]);
    if (one->rule.state == FW_APP_ASKED && (seen >> KEY_UNTIL & 1) == 0)
        FW_POLICY_PROBLEM(reader, item,
                          "whoever was asked was given a day: this entry has no \"until\"; who goes on after it is "
                          "treated as a worm");
}

void fw_policy_read_applications(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_policy *policy = reader->policy;

    if (!fw_policy_expect(reader, node, FW_YAML_LIST, "applications",
                          "a list: - {application: p2p, networks: [10.1.0.5], state: asked, until: 2027-03-31, "
                          "reason: \"...\"}"))
        return;
    void *grown = fw_policy_grow(reader, node, policy->applications, policy->applications_count, node->count,
                                 sizeof *policy->applications);
    if (!grown)
        return;
    policy->applications = grown;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        if (policy->applications_count == FW_APP_RULES_MAX) {
            FW_POLICY_PROBLEM(reader, item, "more than %d entries", FW_APP_RULES_MAX);
            return;
        }
        if (!fw_policy_expect(reader, item, FW_YAML_MAP, "an entry",
                              "a mapping: {application: ..., networks: [...], state: ..., reason: \"...\"}"))
            continue;
        struct fw_policy_application *one = &policy->applications[policy->applications_count++];
        one->origin = fw_policy_origin(reader, item);
        read_one(reader, item, one);
    }
}

/* Everything was read without a problem. */
void fw_policy_finish_applications(struct fw_policy_reader *reader) {
    static const struct fw_policy_entry nothing_said;
    struct fw_policy *policy = reader->policy;

    policy->app_rules = calloc(policy->applications_count + 1, sizeof *policy->app_rules);
    if (!policy->app_rules) {
        fw_problem(reader->problems, "(applications)", 0, 0, "not enough memory");
        return;
    }
    for (size_t i = 0; i < policy->applications_count; i++) {
        struct fw_policy_application *one = &policy->applications[i];

        one->rule.anybody = !one->has_networks;
        one->rule.until = fw_policy_end_of_day(&one->until, fw_policy_zone_of(policy, &nothing_said));
        if (one->has_networks && fw_policy_build_map(reader, &one->networks, &one->rule.hosts) != 0)
            fw_problem(reader->problems, one->origin.path, one->origin.line, one->origin.column, "not enough memory");
        (void)fw_text_append(one->label, sizeof one->label, 0, one->reason, strlen(one->reason));
        one->rule.label = one->label;
        policy->app_rules[i] = one->rule;
    }
    policy->site.apps = policy->app_rules;
    policy->site.apps_count = policy->applications_count;
}

void fw_policy_print_applications(const struct fw_policy *policy, FILE *out) {
    (void)fputs(policy->applications_count > 0 ? "\napplications:\n" : "", out);
    for (size_t i = 0; i < policy->applications_count; i++) {
        const struct fw_policy_application *one = &policy->applications[i];

        (void)fprintf(out, "  - application: %s\n    state: %s\n", one->rule.app, fw_app_state_name(one->rule.state));
        if (one->has_networks) {
            (void)fw_policy_print_nets(policy, &one->networks, (size_t)fprintf(out, "    networks: "), out);
            (void)fputc('\n', out);
        }
        if (one->until.year > 0)
            (void)fprintf(out, "    until: %04u-%02u-%02u\n", one->until.year, one->until.month, one->until.day);
        (void)fputs("    reason: ", out);
        fw_policy_print_quoted(one->reason, out);
        (void)fputc('\n', out);
    }
}

void fw_policy_free_applications(struct fw_policy *policy) {
    for (size_t i = 0; i < policy->applications_count; i++) {
        free(policy->applications[i].reason);
        free(policy->applications[i].networks.items);
        fw_netmap_free(&policy->applications[i].rule.hosts);
    }
    free(policy->applications);
    free(policy->app_rules);
}
