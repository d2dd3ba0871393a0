/* intake.c: see intake.h. */
#include "intake.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#define CACHE_LINE 64

/* turn: the place's number while it is free, that plus one when it is filled, plus FW_INTAKE_SLOTS when it is free again. */
struct slot {
    atomic_size_t turn;
    struct fwArrival arrival;
};

struct fwIntake {
    atomic_size_t put;
    char apart[CACHE_LINE]; /* those who put do not disturb who takes */
    atomic_size_t taken;    /* written by who takes only */
    struct slot slots[FW_INTAKE_SLOTS];
};

_Static_assert((FW_INTAKE_SLOTS & (FW_INTAKE_SLOTS - 1)) == 0, "numbers of places wrap round");

struct fwIntake *fwIntakeNew(void) {
    struct fwIntake *const pThis = calloc(1, sizeof(*pThis));
    if (pThis != NULL) {
        atomic_init(&pThis->put, 0);
        atomic_init(&pThis->taken, 0);
        for (size_t i = 0; i < FW_INTAKE_SLOTS; ++i) {
            atomic_init(&pThis->slots[i].turn, i);
        }
    }
    return pThis;
}

void fwIntakeFree(struct fwIntake **const ppIntake) {
    free(*ppIntake);
    *ppIntake = NULL;
}

/* A place of one's own, or NULL: all are taken. */
static struct slot *reserve(struct fwIntake *const pThis, size_t *const pPlace) {
    size_t place = atomic_load_explicit(&pThis->put, memory_order_relaxed);
    for (;;) {
        struct slot *const pSlot = &pThis->slots[place % FW_INTAKE_SLOTS];
        const intptr_t ahead = (intptr_t)(atomic_load_explicit(&pSlot->turn, memory_order_acquire) - place);
        if (ahead < 0) {
            return NULL;
        }
        if (ahead > 0) {
            place = atomic_load_explicit(&pThis->put, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(&pThis->put, &place, place + 1, memory_order_relaxed,
                                                         memory_order_relaxed)) {
            *pPlace = place;
            return pSlot;
        }
    }
}

bool fwIntakePut(struct fwIntake *const pThis, const enum fw_parse_result result, const struct fw_event *const pEvent,
                 const bool truncated) {
    size_t place;
    const bool bEvent =
        result == FW_PARSE_EVENT || (pEvent != NULL && pEvent->message.len > 0); /* or text for rules of one's own */
    if (bEvent && fw_event_text_bytes(pEvent) > FW_INTAKE_TEXT) {
        return false;
    }
    struct slot *const pSlot = reserve(pThis, &place);
    if (pSlot == NULL) {
        return false;
    }
    pSlot->arrival.result = result;
    pSlot->arrival.truncated = truncated;
    pSlot->arrival.event.message.len = 0;
    if (bEvent) {
        (void)fw_event_copy(&pSlot->arrival.event, pEvent, pSlot->arrival.text, sizeof(pSlot->arrival.text));
    }
    atomic_store_explicit(&pSlot->turn, place + 1, memory_order_release);
    return true;
}

/* The place that is taken next. */
static struct slot *next(struct fwIntake *const pThis, size_t *const pPlace) {
    *pPlace = atomic_load_explicit(&pThis->taken, memory_order_relaxed);
    return &pThis->slots[*pPlace % FW_INTAKE_SLOTS];
}

struct fwArrival *fwIntakeTake(struct fwIntake *const pThis) {
    size_t place;
    struct slot *const pSlot = next(pThis, &place);
    return atomic_load_explicit(&pSlot->turn, memory_order_acquire) == place + 1 ? &pSlot->arrival : NULL;
}

void fwIntakeDone(struct fwIntake *const pThis) {
    size_t place;
    struct slot *const pSlot = next(pThis, &place);
    atomic_store_explicit(&pThis->taken, place + 1, memory_order_relaxed);
    atomic_store_explicit(&pSlot->turn, place + FW_INTAKE_SLOTS, memory_order_release);
}

bool fwIntakeHasAny(struct fwIntake *const pThis) {
    return fwIntakeTake(pThis) != NULL;
}
