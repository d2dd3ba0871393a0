/* stay.c: see stay.h. */
#include "stay.h"

#include <string.h>

#define TRUST_LEAST 8 /* sessions told before the lost ones are judged */

static uint16_t sport_of(const struct fw_event *ev) {
    return fw_event_has(ev, FW_BIT(sport)) ? ev->sport : 0;
}

void fw_stay_open(struct fw_stay *stay, const struct fw_event *ev) {
    for (size_t i = 0; i < FW_STAY_MAX; i++) {
        struct fw_stay_session *one = &stay->open[i];
        if (one->since != 0 && one->sport == sport_of(ev)) { /* the same socket again: the end of the first is lost */
            *one = (struct fw_stay_session){.since = ev->time, .sport = sport_of(ev)};
            return;
        }
    }
    for (size_t i = 0; i < FW_STAY_MAX; i++) {
        struct fw_stay_session *one = &stay->open[i];
        if (one->since == 0 || ev->time - one->since > FW_STAY_LOST) {
            *one = (struct fw_stay_session){.since = ev->time, .sport = sport_of(ev)};
            return;
        }
    }
}

void fw_stay_close(struct fw_stay *stay, const struct fw_event *ev, struct fw_stay_trust *trust) {
    for (size_t i = 0; i < FW_STAY_MAX; i++) {
        struct fw_stay_session *one = &stay->open[i];
        if (one->since == 0 || one->sport != sport_of(ev))
            continue;
        trust->ended += one->told != 0;
        memset(one, 0, sizeof *one);
        return;
    }
}

static const struct fw_stay_session *oldest(const struct fw_stay *stay, fw_time now) {
    const struct fw_stay_session *found = NULL;
    for (size_t i = 0; i < FW_STAY_MAX; i++) {
        const struct fw_stay_session *one = &stay->open[i];
        if (one->since != 0 && now - one->since <= FW_STAY_LOST && (found == NULL || one->since < found->since))
            found = one;
    }
    return found;
}

fw_time fw_stay_since(const struct fw_stay *stay, fw_time now) {
    const struct fw_stay_session *one = oldest(stay, now);
    return one != NULL ? one->since : 0;
}

void fw_stay_tell(struct fw_stay *stay, struct fw_stay_trust *trust) {
    struct fw_stay_session *first = NULL;
    for (size_t i = 0; i < FW_STAY_MAX; i++) {
        struct fw_stay_session *one = &stay->open[i];
        if (one->since != 0 && (first == NULL || one->since < first->since))
            first = one;
    }
    if (first == NULL || first->told)
        return;
    first->told = 1;
    trust->told++;
}

bool fw_stay_is_empty(const struct fw_stay *stay) {
    for (size_t i = 0; i < FW_STAY_MAX; i++)
        if (stay->open[i].since != 0)
            return false;
    return true;
}

bool fw_stay_trusts(const struct fw_stay_trust *trust) {
    return trust->told < TRUST_LEAST || trust->ended * 2 >= trust->told;
}

void fw_stay_visit(struct fw_stay *stay, void (*visit)(void *cookie, fw_time *time), void *cookie) {
    for (size_t i = 0; i < FW_STAY_MAX; i++)
        visit(cookie, &stay->open[i].since);
}
