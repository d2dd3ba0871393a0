/* clock.c: see clock.h.
 *
 * Invariants: watermark <= greatest; both are FW_TIME_NONE until the first event;
 * a fence is below the watermark and there only after a jump ahead.
 */
#include "clock.h"

#include <string.h>

void fw_clock_init(struct fw_clock *clock) {
    memset(clock, 0, sizeof *clock);
    clock->greatest = clock->watermark = clock->left = clock->landing = clock->fence = FW_TIME_NONE;
}

static void confirm(struct fw_clock *clock) {
    if (clock->fence != FW_TIME_NONE && (clock->fence_ran + (clock->greatest - clock->landing) >= FW_CLOCK_CONFIRM ||
                                         clock->fence_lines >= FW_CLOCK_CONFIRM_LINES))
        clock->fence = FW_TIME_NONE;
}

void fw_clock_move(struct fw_clock *clock, fw_time time) {
    if (clock->fence != FW_TIME_NONE)
        clock->fence_lines++;
    if (clock->greatest == FW_TIME_NONE || time > clock->greatest) {
        clock->greatest = time;
        if (clock->watermark == FW_TIME_NONE || clock->watermark < time - FW_CLOCK_LATENESS)
            clock->watermark = time - FW_CLOCK_LATENESS;
    }
    confirm(clock);
}

void fw_clock_jump(struct fw_clock *clock, fw_time time, enum fw_clock_jump kind) {
    /* Two jumps ahead in a row: what expires with the first one still waits for it to be confirmed, by what ran on
     * between them too, or where time goes on by silences it never would be. */
    const bool again = kind == FW_CLOCK_SILENCE && clock->fence != FW_TIME_NONE;
    if (again) {
        clock->fence_ran += clock->greatest - clock->landing;
    } else {
        clock->fence = kind == FW_CLOCK_SILENCE ? clock->watermark : FW_TIME_NONE;
        clock->fence_ran = 0;
        clock->fence_lines = 0;
    }
    clock->left = clock->greatest;
    clock->landing = time;
    clock->last = kind;
    clock->jumps++;
    clock->greatest = time;
    clock->watermark = time - FW_CLOCK_LATENESS;
}

/* The watermark runs with the time that was told, through the lateness and on:
 * so it stays that much behind what the devices' clocks show by then. */
void fw_clock_idle(struct fw_clock *clock, fw_time idle) {
    if (clock->greatest == FW_TIME_NONE || idle <= 0)
        return;
    clock->watermark = idle < FW_TIME_MAX - clock->watermark ? clock->watermark + idle : FW_TIME_MAX;
    if (clock->greatest < clock->watermark)
        clock->greatest = clock->watermark;
    confirm(clock);
}

fw_time fw_clock_told(const struct fw_clock *clock) {
    return clock->fence != FW_TIME_NONE ? clock->fence : clock->watermark;
}

bool fw_clock_save(const struct fw_clock *clock, struct fw_put *put, uint64_t *cursor) {
    if (*cursor != 0)
        return true;
    if (!fw_put_has_room(put))
        return false;
    fw_put_u64(put, (uint64_t)clock->greatest);
    fw_put_u64(put, (uint64_t)clock->watermark);
    fw_put_u64(put, (uint64_t)clock->last);
    fw_put_u64(put, (uint64_t)clock->left);
    fw_put_u64(put, (uint64_t)clock->landing);
    fw_put_u64(put, (uint64_t)clock->fence);
    fw_put_u64(put, clock->fence_lines);
    fw_put_u64(put, (uint64_t)clock->fence_ran);
    fw_put_u64(put, clock->jumps);
    *cursor = 1;
    return true;
}

static bool is_time(fw_time time) {
    return time == FW_TIME_NONE || (time >= -FW_TIME_MAX && time <= FW_TIME_MAX);
}

int fw_clock_load(struct fw_clock *clock, struct fw_get *get) {
    struct fw_clock loaded;

    if (!fw_get_has_more(get))
        return 0;
    loaded.greatest = (fw_time)fw_get_u64(get);
    loaded.watermark = (fw_time)fw_get_u64(get);
    const uint64_t last = fw_get_u64(get);
    loaded.left = (fw_time)fw_get_u64(get);
    loaded.landing = (fw_time)fw_get_u64(get);
    loaded.fence = (fw_time)fw_get_u64(get);
    loaded.fence_lines = fw_get_u64(get);
    loaded.fence_ran = (fw_time)fw_get_u64(get);
    loaded.jumps = fw_get_u64(get);
    loaded.last = last <= FW_CLOCK_RETURN ? (enum fw_clock_jump)last : FW_CLOCK_NO_JUMP;
    const bool begun = loaded.greatest != FW_TIME_NONE;

    if (get->failed || last > FW_CLOCK_RETURN || !is_time(loaded.greatest) || !is_time(loaded.watermark) ||
        !is_time(loaded.left) || !is_time(loaded.landing) || !is_time(loaded.fence) || loaded.fence_ran < 0 ||
        loaded.fence_ran > FW_CLOCK_CONFIRM || begun != (loaded.watermark != FW_TIME_NONE) ||
        loaded.watermark > loaded.greatest ||
        (loaded.last != FW_CLOCK_NO_JUMP &&
         (!begun || loaded.left == FW_TIME_NONE || loaded.landing == FW_TIME_NONE)) ||
        (loaded.fence != FW_TIME_NONE && loaded.last == FW_CLOCK_NO_JUMP))
        return -1;
    *clock = loaded;
    return 0;
}
