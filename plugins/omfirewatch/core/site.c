/* site.c: see site.h. */
#include "site.h"

#include <string.h>

static int compare_name(const struct fw_sensor *sensor, const struct fw_str *name) {
    const size_t least = sensor->len < name->len ? sensor->len : name->len;
    const int order = least > 0 ? memcmp(sensor->name, name->p, least) : 0;

    return order != 0 ? order : (sensor->len > name->len) - (sensor->len < name->len);
}

/* Names with '*' are few: one a branch office. */
const struct fw_zone *fw_site_sensor_zone(const struct fw_site *site, const struct fw_str *name) {
    size_t low = 0, high = site->sensors_count;

    while (high > 0 && site->sensors[high - 1].prefix)
        high--;
    const size_t exact = high;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_name(&site->sensors[middle], name);

        if (order == 0)
            return site->sensors[middle].zone;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = exact; i < site->sensors_count; i++) {
        const struct fw_sensor *sensor = &site->sensors[i];

        if (sensor->len <= name->len && memcmp(sensor->name, name->p, sensor->len) == 0)
            return sensor->zone;
    }
    return NULL;
}
