/* squid.c: how Squid logs a request (logformat squid). */
#include "squid.h"

static uint32_t elapsed(const struct event *ev, uint32_t number) {
    return ev->duration_s * 1000 + 20 + event_number(number, 8) % 700;
}

uint32_t squid_time(const struct event *ev, uint32_t number) {
    return ev->time_ms + elapsed(ev, number);
}

/* Every address has one name. */
static void put_host(struct text *out, uint32_t addr) {
    text_put(out, "www.n");
    text_number(out, addr & ((1u << OUTSIDE_BITS) - 1));
    text_put(out, ".example");
}

static void put_right(struct text *out, uint32_t value, unsigned width) {
    for (uint32_t limit = 10; width > 1; limit *= 10, width--) {
        if (value < limit) {
            text_put(out, " ");
        }
    }
    text_number(out, value);
}

void squid_line(struct text *out, const struct office *office, const struct event *ev, uint32_t number) {
    uint32_t end_ms = squid_time(ev, number);
    bool tunnel = ev->dport == 443;
    text_number(out, (uint32_t)office->options.start + end_ms / 1000);
    text_put(out, ".");
    text_padded(out, end_ms % 1000, 3);
    text_put(out, " ");
    put_right(out, elapsed(ev, number), 6);
    text_put(out, " ");
    text_v4(out, ev->src);
    text_put(out, tunnel ? " TCP_TUNNEL/200 " : number % 5 ? " TCP_MISS/200 " : " TCP_MISS/304 ");
    text_number(out, ev->bytes - ev->sent);
    text_put(out, tunnel ? " CONNECT " : " GET http://");
    put_host(out, ev->dst);
    if (tunnel) {
        text_put(out, ":443");
    } else {
        text_put(out, "/p/");
        text_number(out, event_number(number, 9) % 10000);
        text_put(out, ".html");
    }
    text_put(out, " - HIER_DIRECT/");
    text_v4(out, ev->dst);
    text_put(out, tunnel ? " -" : " text/html");
    text_line_end(out);
}
