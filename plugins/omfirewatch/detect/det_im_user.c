/* det_im_user.c: somebody uses an instant messenger (N10).
 *
 * Algorithm: who uses which service is told by the destination: networks, ports
 * and host names of services are data (lists/im.yaml), see core/lists.h.
 *
 * Steps, which code and tests repeat:
 *   1. from home to the outside, not denied, and not unanswered where the log tells;
 *   2. by the network of a service, and its ports where it lists some;
 *   3. by a port alone only what was answered: a port number is no service yet;
 *   4. by the host name of a request or a CONNECT, in a proxy's log;
 *   5. each is a use, and goes into the register; a new user is a finding.
 *
 * A resolver's log is not looked at: names are asked for that nobody uses.
 * Memory: about 250 bytes a finding that is open. What an attacker controls: host
 * names; services that share networks with others can hide among these.
 */
#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "user.h"

enum param { P_WINDOW };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 86400, 3600, "a finding is said once; the register remembers 30 days",
                  "after it nothing is kept but the register"},
    {.name = NULL},
};

static bool is_messenger(const struct fw_listed *service) {
    return service != NULL && strcmp(service->group, "im") == 0;
}

/* Steps 1 to 3. */
static const struct fw_listed *of_flow(const struct fw_event *ev, const struct fw_sink *sink) {
    if (ev->kind == FW_KIND_FLOW_DENY || !fw_event_has(ev, FW_BIT(dst) | FW_BIT(proto)) || !fw_user_is_outward(ev))
        return NULL;
    const struct fw_listed *service = fw_lists_service(sink->site, ev, NULL);
    if (!is_messenger(service))
        return NULL;
    const enum fw_attempt outcome = fw_attempt_judge(ev);
    const bool by_net = ev->dst_service != 0;
    if (outcome == FW_ATTEMPT_ANSWERED || (outcome == FW_ATTEMPT_UNKNOWN && by_net))
        return service;
    return NULL;
}

/* Step 4. */
static const struct fw_listed *of_request(const struct fw_event *ev, const struct fw_sink *sink) {
    if (!fw_event_has(ev, FW_BIT(host)) || (fw_event_has(ev, FW_BIT(action)) && ev->action == FW_ACTION_DENY))
        return NULL;
    const struct fw_listed *service = fw_lists_host(sink->site, &ev->host, NULL);
    return is_messenger(service) ? service : NULL;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if ((ev->src_roles & FW_ROLE_HOME) == 0)
        return;
    const struct fw_listed *service = ev->kind == FW_KIND_HTTP ? of_request(ev, sink) : of_flow(ev, sink);
    if (service == NULL)
        return;
    struct fw_use use = {.app = service->name, .group = service->group}; /* step 5 */
    (void)fw_user_seen(det, ev, sink, &use, 1);
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct fw_user_entry *entry = value;
    fw_user_sentence(det, entry, out);
    const size_t len = strlen(out->sentence);
    char where[FW_ADDR_TEXT_MAX] = "", service[24] = "";
    if (entry->has_dst)
        (void)fw_addr_format(&entry->dst, where);
    if (entry->dport != 0)
        (void)fw_service_format(entry->proto, entry->dport, service, sizeof service);
    if (entry->host[0] != '\0')
        (void)snprintf(out->sentence + len, sizeof out->sentence - len, ": %s", entry->host);
    else
        (void)snprintf(out->sentence + len, sizeof out->sentence - len, ": %s on %s", where, service);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "im_user",
                                         .key_size = sizeof(struct fw_user_key),
                                         .value_size = sizeof(struct fw_user_entry),
                                         .table_pct = 100};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

extern const struct fw_detector_ops fw_det_im_user;
const struct fw_detector_ops fw_det_im_user = {
    .name = "im_user",
    .title = "instant messenger",
    .requirement = "N10",
    .class = FW_CLASS_USAGE,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_HTTP,
    .needs = FW_BIT(src),
    .uses = FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(sport) | FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes) |
            FW_BIT(host) | FW_BIT(action) | FW_BIT(reason),
    .guards = FW_ROLE_BIT(proxy),
    .params = params,
    .weight = 1,
    .quiet = fw_user_quiet,
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
