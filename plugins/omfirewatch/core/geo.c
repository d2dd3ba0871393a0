/* geo.c: see geo.h. */
#include "geo.h"

#include <math.h>

#define EARTH_KM   6371.0 /* mean radius, IUGG */
#define RAD_DEGREE 0.017453292519943295

/* Haversine: exact enough for near places as well (Sinnott: Virtues of the Haversine, 1984). */
double fw_geo_distance(const struct fw_whereabouts *a, const struct fw_whereabouts *b) {
    const double lat = (b->latitude - a->latitude) * RAD_DEGREE / 2;
    const double lon = (b->longitude - a->longitude) * RAD_DEGREE / 2;
    const double h =
        sin(lat) * sin(lat) + cos(a->latitude * RAD_DEGREE) * cos(b->latitude * RAD_DEGREE) * sin(lon) * sin(lon);
    return 2 * EARTH_KM * asin(sqrt(h < 1 ? h : 1));
}
