/* engine_news.c: findings are told to the detectors and rules that put findings together, and events to rules.
 *
 * For roles and exceptions a finding is an event with the finding's addresses.
 * Invariants: who hears of a finding may report, and that may be news again: the
 * depth is that of ruleset.h and of detectors, which hear of no detector that hears.
 * Memory: none. What an attacker controls: whom findings are about.
 */
#include "engine_inside.h"

void fw_engine_tell_held(struct fw_detector *d, const struct fw_entry *entry) {
    d->suppressed++;
    if (d->probe != NULL)
        d->probe->held(d->probe->cookie, d, entry);
}

/* As if the finding were an event: what the policy says of its addresses holds for what is put together of it. */
static struct fw_places place_news(struct fw_engine *engine, struct fw_news *news) {
    struct fw_event *ev = &engine->about;
    const struct fw_subject *who = &news->subject;
    ev->time = news->time;
    ev->kind = FW_KIND_NONE;
    ev->present = (who->has_src ? FW_BIT(src) : 0) | (who->has_dst ? FW_BIT(dst) : 0) |
                  (who->proto >= 0 ? FW_BIT(proto) : 0) | (who->dport >= 0 ? FW_BIT(dport) : 0);
    ev->src = who->src;
    ev->dst = who->dst;
    ev->proto = (uint8_t)(who->proto >= 0 ? who->proto : 0);
    ev->dport = (uint16_t)(who->dport >= 0 ? who->dport : 0);
    const struct fw_places at = fw_engine_place(engine, ev);
    news->src_roles = ev->src_roles;
    news->dst_roles = ev->dst_roles;
    return at;
}

/* What the exceptions of the policy are asked about when a rule takes an event. */
struct guarding {
    struct fw_engine *engine;
    const struct fw_event *ev;
    const struct fw_places *at;
    bool excepted;
};

static bool guard_holds(void *cookie, size_t rule) {
    struct guarding *of = cookie;
    const struct fw_entry *exception =
        fw_exceptions_hold(of->engine->exceptions, of->ev, of->at->src, of->at->dst, FW_DETECTORS_MAX + rule);
    if (exception == NULL)
        return false;
    of->excepted = true;
    fw_engine_tell_held(&of->engine->detectors[of->engine->builtin_count + rule], exception);
    return true;
}

bool fw_engine_ask_rules(struct fw_engine *engine, const struct fw_event *ev, const struct fw_places *at) {
    struct guarding of = {engine, ev, at, false};
    const struct fw_rules_guard guard = {guard_holds, &of};
    engine->ruleset->observe(engine->rules, ev, engine->detectors + engine->builtin_count, engine->findings,
                             fw_engine_is_watched(engine->site, at) ? &guard : NULL);
    return of.excepted;
}

/* For the rules a finding is an event. */
static void tell_rules(struct fw_engine *engine, const struct fw_news *news, const struct fw_places *at) {
    struct fw_event ev = engine->about;
    ev.finding = news->ops->name;
    ev.finding_stage = news->stage;
    (void)fw_engine_ask_rules(engine, &ev, at);
}

/* A finding has news: those who put findings together hear of it, unless role or exception keep it from them. */
static void tell_detectors(struct fw_engine *engine, struct fw_news *news, const struct fw_places *at) {
    const bool watched = fw_engine_is_watched(engine->site, at);
    for (size_t i = 0; i < engine->builtin_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        if (!d->enabled || d->ops->heard == NULL)
            continue;
        if ((news->src_roles & d->ops->guards) != 0) {
            fw_engine_tell_held(d, fw_exceptions_guarded(engine->exceptions, &engine->about, i, d->ops->guards));
            continue;
        }
        const struct fw_entry *exception =
            watched ? fw_exceptions_hold(engine->exceptions, &engine->about, at->src, at->dst, i) : NULL;
        if (exception != NULL) {
            fw_engine_tell_held(d, exception);
            continue;
        }
        const struct fw_sink sink = {engine->findings, d, engine->usage, engine->site};
        d->ops->heard(d->det, news, &sink);
    }
}

/* Somebody goes on with an application beyond the policy's day. */
void fw_engine_tell_overdue(void *cookie, const struct fw_use *use, const struct fw_user *user) {
    struct fw_engine *engine = cookie;
    struct fw_news about = {.subject = {.src = use->src, .has_src = true, .proto = -1, .dport = -1}, .time = use->time};
    const struct fw_places at = place_news(engine, &about);
    const bool watched = fw_engine_is_watched(engine->site, &at);
    for (size_t i = 0; i < engine->builtin_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        if (!d->enabled || d->ops->overdue == NULL)
            continue;
        const struct fw_entry *exception =
            watched ? fw_exceptions_hold(engine->exceptions, &engine->about, at.src, at.dst, i) : NULL;
        if (exception != NULL) {
            fw_engine_tell_held(d, exception);
            continue;
        }
        const struct fw_sink sink = {engine->findings, d, engine->usage, engine->site};
        d->ops->overdue(d->det, use, user, &sink);
    }
}

void fw_engine_tell_news(void *cookie, struct fw_news *news) {
    struct fw_engine *engine = cookie;
    const bool for_detectors = news->ops->heard == NULL && news->ops->ruleset == NULL;
    const bool for_rules = engine->ruleset != NULL && engine->ruleset->findings && news->risen;
    if (!for_detectors && !for_rules)
        return;
    const struct fw_event before = engine->about; /* who hears may report, and that may be news as well */
    const struct fw_places at = place_news(engine, news);
    if (for_detectors)
        tell_detectors(engine, news, &at);
    if (for_rules)
        tell_rules(engine, news, &at);
    engine->about = before;
}
