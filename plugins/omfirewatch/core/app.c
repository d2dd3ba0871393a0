/* app.c: see app.h. */
#include "app.h"

#include <string.h>

const struct fw_app fw_apps[] = {
#define FW_APP(name, group, title) {#name, #group, title},
#include "apps.def"
#undef FW_APP
    {.name = NULL},
};

#define FW_APP(name, group, title)                                                                                     \
    _Static_assert(sizeof #name <= FW_APP_MAX && sizeof #group <= FW_APP_GROUP_MAX, "too long: " #name);
#include "apps.def"
#undef FW_APP

const struct fw_app *fw_app_find(const char *name) {
    for (const struct fw_app *app = fw_apps; app->name != NULL; app++)
        if (strcmp(app->name, name) == 0)
            return app;
    return NULL;
}

bool fw_app_is_group(const char *name) {
    if (strcmp(name, "im") == 0 || strcmp(name, "remote") == 0) /* of services in lists only */
        return true;
    for (const struct fw_app *app = fw_apps; app->name != NULL; app++)
        if (strcmp(app->group, name) == 0)
            return true;
    return false;
}

const char *fw_app_state_name(enum fw_app_state state) {
    static const char *const names[FW_APP_STATES] = {[FW_APP_UNKNOWN] = "unknown",
                                                     [FW_APP_ALLOWED] = "allowed",
                                                     [FW_APP_ASKED] = "asked",
                                                     [FW_APP_FORBIDDEN] = "forbidden",
                                                     [FW_APP_OVERDUE] = "overdue"};
    return (unsigned)state < FW_APP_STATES ? names[state] : names[FW_APP_UNKNOWN];
}

static bool is_about(const struct fw_app_rule *rule, const char *app, const char *group, const union fw_addr *src) {
    if (strcmp(rule->app, app) != 0 && strcmp(rule->app, group) != 0)
        return false;
    return rule->anybody || fw_netmap_lookup(&rule->hosts, src) != 0;
}

/* What is forbidden until a day is as if nothing were said after it; what was allowed until a day is overdue. */
enum fw_app_state fw_app_judge(const struct fw_app_rule *rules, size_t count, const char *app, const char *group,
                               const union fw_addr *src, fw_time time, fw_time *until) {
    fw_time end = FW_TIME_MAX;
    enum fw_app_state state = FW_APP_UNKNOWN;
    for (size_t i = 0; i < count; i++) {
        const struct fw_app_rule *rule = &rules[i];
        if (!is_about(rule, app, group, src) || (rule->state == FW_APP_FORBIDDEN && time >= rule->until))
            continue;
        state = time < rule->until ? rule->state : FW_APP_OVERDUE;
        end = rule->until;
        break;
    }
    if (until != NULL)
        *until = end;
    return state;
}
