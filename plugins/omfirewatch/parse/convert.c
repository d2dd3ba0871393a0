/* convert.c: see convert.h. */
#include "convert.h"

#include <string.h>

#include "names.h"

#define WELL_KNOWN 1024  /* ports below need privileges: services */
#define EPHEMERAL  32768 /* Linux begins here, Windows since Vista and the BSDs at 49152 */

#define DURATION_DIGITS 10
#define DURATION_MS_MAX (UINT64_C(1) << 56) /* two million years: a typing error, and still far from overflow */

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

static bool read_number(const char *text, size_t len, uint64_t most, uint64_t *value) {
    uint64_t v = 0;

    if (len == 0 || len > 20)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]) || v > UINT64_MAX / 10)
            return false;
        v *= 10;
        if (v > UINT64_MAX - (uint64_t)(text[i] - '0'))
            return false;
        v += (uint64_t)(text[i] - '0');
    }
    *value = v;
    return v <= most;
}

/* "0:01:23", "26:15:03", "15:03" */
static bool read_clock_duration(const char *text, size_t len, uint64_t *ms) {
    uint64_t seconds = 0, term = 0;
    unsigned digits = 0, colons = 0;

    for (size_t i = 0; i < len; i++) {
        if (is_digit(text[i]) && digits < 9) {
            term = term * 10 + (uint64_t)(text[i] - '0');
            digits++;
        } else if (text[i] == ':' && digits != 0 && colons < 2 && (colons == 0 || (digits == 2 && term < 60))) {
            seconds = (seconds + term) * 60;
            term = digits = 0;
            colons++;
        } else {
            return false;
        }
    }
    if (colons == 0 || digits != 2 || term > 59)
        return false;
    *ms = (seconds + term) * 1000;
    return true;
}

/* "90", "1.5" (seconds), "1d2h", "3d04h15m20s", "0h:12m:05s", "250ms" */
static bool read_duration(const char *text, size_t len, uint64_t *ms) {
    uint64_t total = 0;
    size_t i = 0;

    if (memchr(text, ':', len) != NULL && memchr(text, 'h', len) == NULL)
        return read_clock_duration(text, len, ms);
    while (i < len) {
        uint64_t term = 0, unit = 1000;
        const size_t start = i;

        while (i < len && is_digit(text[i]) && i - start < DURATION_DIGITS)
            term = term * 10 + (uint64_t)(text[i++] - '0');
        if (i == start)
            return false;
        if (i == len && start != 0) /* "1d2": two of what? */
            return false;
        if (i < len && text[i] == '.' && start == 0) { /* a fraction ends it */
            uint64_t scale = 100;

            total = term * 1000;
            if (++i == len)
                return false;
            for (; i < len && is_digit(text[i]); i++, scale /= 10)
                total += (uint64_t)(text[i] - '0') * scale;
            *ms = total;
            return i == len;
        }
        if (i < len) {
            switch (text[i++]) {
            case 'd':
                unit = 24 * 3600 * 1000;
                break;
            case 'h':
                unit = 3600 * 1000;
                break;
            case 'm':
                if (i < len && text[i] == 's') {
                    unit = 1;
                    i++;
                } else {
                    unit = 60 * 1000;
                }
                break;
            case 's':
                break;
            default:
                return false;
            }
        }
        total += term * unit;
        if (total > DURATION_MS_MAX)
            return false;
        if (i + 1 < len && text[i] == ':')
            i++;
    }
    *ms = total;
    return len != 0;
}

/* "SYN ACK", "FIN,PSH", or the letters of tcpdump and pf: "SA", "FPU", "S." */
static bool read_flags(const char *text, size_t len, unsigned *flags) {
    static const char letters[] = "FSRPAUEW"; /* in the order of the bits */
    unsigned found;
    size_t i = 0;

    *flags = 0;
    while (i < len) {
        const size_t start = i;

        while (i < len && text[i] != ' ' && text[i] != ',')
            i++;
        if (fw_names_find(FW_NAMES_FLAG, text + start, i - start, &found)) {
            *flags |= found;
        } else {
            for (size_t j = start; j < i; j++) {
                const char *at = text[j] == '.' ? letters + 4 : memchr(letters, text[j], sizeof letters - 1);

                if (at == NULL)
                    return false;
                *flags |= 1U << (at - letters);
            }
        }
        while (i < len && (text[i] == ' ' || text[i] == ','))
            i++;
    }
    return len != 0;
}

static bool read_named(enum fw_names names, const char *text, size_t len, uint64_t most, uint64_t *value) {
    unsigned found;

    if (len != 0 && is_digit(text[0]))
        return read_number(text, len, most, value);
    if (!fw_names_find(names, text, len, &found))
        return false;
    *value = found;
    return true;
}

int fw_convert(struct fw_event *ev, enum fw_field field, const char *text, size_t len) {
    const struct fw_field_info *info = &fw_field_table[field];
    void *member = (char *)ev + info->offset;
    uint64_t number = 0;
    unsigned word = 0;

    while (len > 0 && text[0] == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ')
        len--;
    switch (info->type) {
    case FW_TYPE_ADDR:
        if (fw_addr_parse(member, text, len) != 0)
            return -1;
        break;
    case FW_TYPE_PORT:
        if (!read_named(FW_NAMES_SERVICE, text, len, UINT16_MAX, &number))
            return -1;
        *(uint16_t *)member = (uint16_t)number;
        break;
    case FW_TYPE_PROTO:
        if (!read_named(FW_NAMES_PROTO, text, len, UINT8_MAX, &number))
            return -1;
        *(uint8_t *)member = (uint8_t)number;
        break;
    case FW_TYPE_U8:
        if (!read_number(text, len, UINT8_MAX, &number))
            return -1;
        *(uint8_t *)member = (uint8_t)number;
        break;
    case FW_TYPE_U32:
        if (!read_number(text, len, UINT32_MAX, &number))
            return -1;
        *(uint32_t *)member = (uint32_t)number;
        break;
    case FW_TYPE_U64:
        if (!read_number(text, len, UINT64_MAX, &number))
            return -1;
        *(uint64_t *)member = number;
        break;
    case FW_TYPE_MS:
        if (!read_duration(text, len, &number))
            return -1;
        *(uint64_t *)member = number;
        break;
    case FW_TYPE_ACTION:
        if (!fw_names_find(FW_NAMES_ACTION, text, len, &word))
            return -1;
        *(uint8_t *)member = (uint8_t)word;
        break;
    case FW_TYPE_OUTCOME:
        if (!fw_names_find(FW_NAMES_OUTCOME, text, len, &word))
            return -1;
        *(uint8_t *)member = (uint8_t)word;
        break;
    case FW_TYPE_FLAGS:
        if (!read_flags(text, len, &word))
            return -1;
        *(uint8_t *)member = (uint8_t)word;
        break;
    case FW_TYPE_STR:
        if (len == 0)
            return 0;
        *(struct fw_str *)member = (struct fw_str){text, (uint32_t)len};
        break;
    }
    ev->present |= UINT64_C(1) << field;
    return 0;
}

void fw_convert_copy(struct fw_event *to, const struct fw_event *from, uint64_t bits) {
    static const uint8_t size[] = {
        [FW_TYPE_ADDR] = sizeof(FW_CTYPE_ADDR),     [FW_TYPE_PORT] = sizeof(FW_CTYPE_PORT),
        [FW_TYPE_U8] = sizeof(FW_CTYPE_U8),         [FW_TYPE_U32] = sizeof(FW_CTYPE_U32),
        [FW_TYPE_U64] = sizeof(FW_CTYPE_U64),       [FW_TYPE_PROTO] = sizeof(FW_CTYPE_PROTO),
        [FW_TYPE_ACTION] = sizeof(FW_CTYPE_ACTION), [FW_TYPE_OUTCOME] = sizeof(FW_CTYPE_OUTCOME),
        [FW_TYPE_MS] = sizeof(FW_CTYPE_MS),         [FW_TYPE_FLAGS] = sizeof(FW_CTYPE_FLAGS),
        [FW_TYPE_STR] = sizeof(FW_CTYPE_STR),
    };

    bits &= from->present;
    to->present |= bits;
    for (; bits != 0; bits &= bits - 1) {
        const struct fw_field_info *info = &fw_field_table[__builtin_ctzll(bits)];

        memcpy((char *)to + info->offset, (const char *)from + info->offset, size[info->type]);
    }
}

static bool first_is_service(uint16_t first, uint16_t second) {
    if ((first < WELL_KNOWN) != (second < WELL_KNOWN))
        return first < WELL_KNOWN;
    return first < EPHEMERAL && second >= EPHEMERAL;
}

static void exchange(struct fw_event *ev, enum fw_field a, enum fw_field b) {
    const uint64_t bit_a = UINT64_C(1) << a, bit_b = UINT64_C(1) << b;
    const uint64_t there = ev->present & (bit_a | bit_b);
    char *pa = (char *)ev + fw_field_table[a].offset, *pb = (char *)ev + fw_field_table[b].offset;
    char kept[sizeof(struct fw_str)] = {0};
    const size_t size = fw_field_table[a].type == FW_TYPE_PORT  ? sizeof(uint16_t)
                        : fw_field_table[a].type == FW_TYPE_U64 ? sizeof(uint64_t)
                                                                : sizeof kept; /* an address or a string */

    _Static_assert(sizeof(union fw_addr) == sizeof(struct fw_str), "one size serves both");
    memcpy(kept, pa, size);
    memcpy(pa, pb, size);
    memcpy(pb, kept, size);
    ev->present &= ~(bit_a | bit_b);
    if (there & bit_a)
        ev->present |= bit_b;
    if (there & bit_b)
        ev->present |= bit_a;
}

void fw_convert_orient(struct fw_event *ev) {
    if (!fw_event_has(ev, FW_BIT(sport) | FW_BIT(dport)) || !first_is_service(ev->sport, ev->dport))
        return;
    exchange(ev, FW_F_src, FW_F_dst);
    exchange(ev, FW_F_sport, FW_F_dport);
    exchange(ev, FW_F_sent, FW_F_rcvd);
    exchange(ev, FW_F_nat_src, FW_F_nat_dst);
    exchange(ev, FW_F_nat_sport, FW_F_nat_dport);
    exchange(ev, FW_F_in_if, FW_F_out_if);
    exchange(ev, FW_F_src_zone, FW_F_dst_zone);
}
