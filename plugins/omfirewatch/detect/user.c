/* user.c: see user.h. */
#include "user.h"

#include <stdio.h>
#include <string.h>

#include "../core/json.h"

void fw_user_key(struct fw_user_key *key, const union fw_addr *src, const char *app) {
    memset(key, 0, sizeof *key);
    memcpy(key->app, app, strnlen(app, sizeof key->app - 1));
    key->src = *src;
}

fw_time fw_user_quiet(const struct fw_det *det) {
    (void)det;
    return FW_USER_QUIET;
}

bool fw_user_is_outward(const struct fw_event *ev) {
    return (ev->src_roles & FW_ROLE_HOME) != 0 && (ev->dst_roles & FW_ROLE_HOME) == 0 && !ev->reply &&
           !fw_addr_is_group(&ev->dst);
}

uint64_t fw_user_bytes(const struct fw_event *ev) {
    if (fw_event_has(ev, FW_BIT(bytes)))
        return ev->bytes;
    return (fw_event_has(ev, FW_BIT(sent)) ? ev->sent : 0) + (fw_event_has(ev, FW_BIT(rcvd)) ? ev->rcvd : 0);
}

static void open_entry(struct fw_user_entry *entry, const struct fw_event *ev, const struct fw_use *use,
                       const struct fw_user *user, enum fw_use_news news, uint64_t value) {
    if (entry->matter.events == 0)
        entry->matter.start = ev->time;
    entry->matter.threshold = 1;
    entry->value = value;
    entry->has_dst = use->has_dst;
    entry->dst = use->dst;
    entry->dport = fw_event_has(ev, FW_BIT(dport)) ? ev->dport : 0;
    entry->proto = fw_event_has(ev, FW_BIT(proto)) ? ev->proto : 0;
    entry->forbidden = news == FW_USE_FORBIDDEN;
    memcpy(entry->version, user->version, sizeof entry->version);
    if (fw_event_has(ev, FW_BIT(host)) && ev->host.len > 0)
        (void)fw_text_append(entry->host, sizeof entry->host, 0, ev->host.p, ev->host.len);
}

struct fw_user_entry *fw_user_seen(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink,
                                   struct fw_use *use, uint64_t value) {
    struct fw_user_key key;
    struct fw_user user;
    struct fw_user_entry *entry;
    use->src = ev->src;
    use->time = ev->time;
    use->late = ev->late;
    use->has_dst = fw_event_has(ev, FW_BIT(dst));
    if (use->has_dst)
        use->dst = ev->dst;
    use->bytes = fw_user_bytes(ev);
    const enum fw_use_news news = fw_sink_use(sink, use, &user);
    fw_user_key(&key, &ev->src, use->app);
    entry = news != FW_USE_NOTHING ? fw_keyed_enter(&det->keyed, sink, &key, ev->time)
                                   : fw_keyed_find(&det->keyed, sink, &key, ev->time);
    if (entry == NULL || (news == FW_USE_NOTHING && entry->matter.handle == 0))
        return NULL;
    if (news != FW_USE_NOTHING)
        open_entry(entry, ev, use, &user, news, value);
    fw_keyed_count(&entry->matter, ev, ev->time);
    struct fw_report report = {.subject = {.src = ev->src,
                                           .has_src = true,
                                           .dst = entry->dst,
                                           .has_dst = entry->has_dst != 0,
                                           .proto = entry->dport != 0 ? entry->proto : -1,
                                           .dport = entry->dport != 0 ? entry->dport : -1},
                               .time = ev->time,
                               .stage = entry->forbidden ? 2 : 1,
                               .value = entry->value};
    fw_keyed_report(&det->keyed, sink, &entry->matter, &report);
    return entry;
}

void fw_user_sentence(const struct fw_det *det, const struct fw_user_entry *entry, struct fw_description *out) {
    const struct fw_user_key *key = fw_table_key(det->keyed.table, entry);
    const struct fw_app *app = fw_app_find(key->app);
    char src[FW_ADDR_TEXT_MAX];
    (void)fw_addr_format(&key->src, src);
    (void)snprintf(out->sentence, sizeof out->sentence, "%s uses %s%s%s%s", src, app != NULL ? app->title : key->app,
                   entry->version[0] != '\0' ? " " : "", entry->version,
                   entry->forbidden ? ", which is forbidden" : "");
    (void)snprintf(out->key, sizeof out->key, "%s|%s", src, key->app);
    memcpy(out->domain, entry->host, sizeof out->domain);
    out->measure = "uses";
    out->value = entry->value;
    out->window = FW_USER_QUIET;
    out->confidence = entry->unsure ? 60 : 90;
    out->next_step = entry->forbidden
                         ? "The policy forbids it: talk to the user, and block it at the firewall or the proxy."
                         : "Ask the user what it is for. Then write down what was agreed in the policy (applications): "
                           "allowed, asked until a day, or forbidden. What goes on after its day is told as a threat.";
    fw_keyed_edges(&entry->matter, entry->has_dst ? &entry->dst : NULL, entry->dport != 0 ? entry->dport : -1, out);
}
