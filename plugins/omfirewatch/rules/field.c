/* field.c: see field.h. */
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../core/json.h"
#include "../core/site.h"

static const struct {
    const char *name;
    const char *doc;
    enum fw_sort sort;
} own[] = {
    [FW_RULE_KIND - FW_FIELDS] = {"kind", "what the line tells of; none: a line that no rulebase takes", FW_SORT_WORD},
    [FW_RULE_MESSAGE - FW_FIELDS] = {"message", "the whole line as it came, without its <PRI>", FW_SORT_TEXT},
    [FW_RULE_PROGRAM - FW_FIELDS] = {"program", "the program that logged it: sshd of \"sshd[123]:\"", FW_SORT_TEXT},
    [FW_RULE_DIRECTION - FW_FIELDS] = {"direction", "by the policy's home networks", FW_SORT_WORD},
    [FW_RULE_SRC_ROLE - FW_FIELDS] = {"src_role", "roles of the source in the policy", FW_SORT_WORD},
    [FW_RULE_DST_ROLE - FW_FIELDS] = {"dst_role", "roles of the destination in the policy", FW_SORT_WORD},
    [FW_RULE_FINDING -
        FW_FIELDS] = {"finding", "a finding of this detector or rule, when it opens or its stage rises", FW_SORT_TEXT},
    [FW_RULE_STAGE - FW_FIELDS] = {"stage", "the stage of that finding", FW_SORT_NUMBER},
    [FW_RULE_CONNECTION -
        FW_FIELDS] = {"connection", "yes: the first line of its session; no: it was counted before", FW_SORT_WORD},
    [FW_RULE_MATCH1 -
        FW_FIELDS] = {"match1", "what the first brackets of the regular expression that matched hold", FW_SORT_TEXT},
    [FW_RULE_MATCH2 - FW_FIELDS] = {"match2", "the second", FW_SORT_TEXT},
    [FW_RULE_MATCH3 - FW_FIELDS] = {"match3", "the third", FW_SORT_TEXT},
    [FW_RULE_MATCH4 - FW_FIELDS] = {"match4", "the fourth", FW_SORT_TEXT},
    [FW_RULE_REPLY - FW_FIELDS] = {"reply", "yes: an answer to traffic the other side began", FW_SORT_WORD},
};

const char *fw_rule_field_name(unsigned field) {
    return field < FW_FIELDS ? fw_field_table[field].name : own[field - FW_FIELDS].name;
}

const char *fw_rule_field_doc(unsigned field) {
    return field < FW_FIELDS ? fw_field_table[field].doc : own[field - FW_FIELDS].doc;
}

unsigned fw_rule_field_find(const char *name) {
    unsigned field = 0;
    while (field < FW_RULE_FIELDS && strcmp(fw_rule_field_name(field), name) != 0)
        field++;
    return field;
}

enum fw_sort fw_rule_field_sort(unsigned field) {
    if (field >= FW_FIELDS)
        return own[field - FW_FIELDS].sort;
    switch (fw_field_table[field].type) {
    case FW_TYPE_ADDR:
        return FW_SORT_ADDR;
    case FW_TYPE_STR:
        return FW_SORT_TEXT;
    case FW_TYPE_ACTION:
    case FW_TYPE_OUTCOME:
    case FW_TYPE_FLAGS:
        return FW_SORT_WORD;
    case FW_TYPE_PORT:
    case FW_TYPE_U8:
    case FW_TYPE_U32:
    case FW_TYPE_U64:
    case FW_TYPE_PROTO:
    case FW_TYPE_MS:
        break;
    }
    return FW_SORT_NUMBER;
}

static const char *const actions[] = {"allow", "deny"};
static const char *const outcomes[] = {"success", "failure"};
static const char *const flags[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};
static const char *const directions[] = {"internal", "outbound", "inbound", "external"};
static const char *const answers[] = {"no", "yes"};
static const char *const roles[FW_ROLE_NUMBERS] = {"home",
#define FW_ROLE(name, doc) #name,
                                                   FW_ROLE_LIST
#undef FW_ROLE
};

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define WORDS(list, first)                                                                                             \
    do {                                                                                                               \
        *bit = UINT64_C(1) << (n + (first));                                                                           \
        return n < COUNT(list) ? (list)[n] : NULL;                                                                     \
    } while (0)

const char *fw_rule_field_word(unsigned field, size_t n, uint64_t *bit) {
    switch (field) {
    case FW_F_action:
        WORDS(actions, FW_ACTION_ALLOW);
    case FW_F_outcome:
        WORDS(outcomes, FW_OUTCOME_SUCCESS);
    case FW_F_tcp_flags:
        WORDS(flags, 0);
    case FW_RULE_DIRECTION:
        WORDS(directions, 0);
    case FW_RULE_SRC_ROLE:
    case FW_RULE_DST_ROLE:
        WORDS(roles, 0);
    case FW_RULE_CONNECTION:
    case FW_RULE_REPLY:
        WORDS(answers, 0);
    case FW_RULE_KIND:
        *bit = UINT64_C(1) << (n < FW_KINDS ? n : 0);
        return n < FW_KINDS ? fw_kind_name((enum fw_kind)n) : NULL;
    default:
        return NULL;
    }
}

bool fw_rule_has(const struct fw_event *ev, unsigned field) {
    if (field < FW_FIELDS)
        return (ev->present >> field & 1) != 0;
    switch (field) {
    case FW_RULE_MESSAGE:
        return ev->message.len > 0;
    case FW_RULE_PROGRAM:
        return ev->program.len > 0;
    case FW_RULE_DIRECTION:
        return fw_event_has(ev, FW_BIT(src) | FW_BIT(dst));
    case FW_RULE_SRC_ROLE:
        return fw_event_has(ev, FW_BIT(src));
    case FW_RULE_DST_ROLE:
        return fw_event_has(ev, FW_BIT(dst));
    case FW_RULE_FINDING:
    case FW_RULE_STAGE:
        return ev->finding != NULL;
    case FW_RULE_MATCH1:
    case FW_RULE_MATCH2:
    case FW_RULE_MATCH3:
    case FW_RULE_MATCH4:
        return ev->captured != NULL && ev->captured[field - FW_RULE_MATCH1].len > 0;
    default:
        return ev->finding == NULL;
    }
}

static const void *member(const struct fw_event *ev, unsigned field) {
    return (const char *)ev + fw_field_table[field].offset;
}

const union fw_addr *fw_rule_addr(const struct fw_event *ev, unsigned field) {
    return member(ev, field);
}

uint64_t fw_rule_number(const struct fw_event *ev, unsigned field) {
    if (field >= FW_FIELDS)
        return ev->finding_stage;
    switch (fw_field_table[field].type) {
    case FW_TYPE_PORT:
        return *(const uint16_t *)member(ev, field);
    case FW_TYPE_U32:
        return *(const uint32_t *)member(ev, field);
    case FW_TYPE_U64:
    case FW_TYPE_MS:
        return *(const uint64_t *)member(ev, field);
    case FW_TYPE_U8:
    case FW_TYPE_PROTO:
    case FW_TYPE_ACTION:
    case FW_TYPE_OUTCOME:
    case FW_TYPE_FLAGS:
        return *(const uint8_t *)member(ev, field);
    case FW_TYPE_ADDR:
    case FW_TYPE_STR:
        break;
    }
    return 0;
}

struct fw_str fw_rule_text(const struct fw_event *ev, unsigned field) {
    switch (field) {
    case FW_RULE_MESSAGE:
        return ev->message;
    case FW_RULE_PROGRAM:
        return ev->program;
    case FW_RULE_FINDING:
        return (struct fw_str){ev->finding, (uint32_t)strlen(ev->finding)};
    case FW_RULE_MATCH1:
    case FW_RULE_MATCH2:
    case FW_RULE_MATCH3:
    case FW_RULE_MATCH4:
        return ev->captured[field - FW_RULE_MATCH1];
    default:
        return *(const struct fw_str *)member(ev, field);
    }
}

uint64_t fw_rule_words(const struct fw_event *ev, unsigned field) {
    switch (field) {
    case FW_F_action:
        return UINT64_C(1) << (ev->action & 63);
    case FW_F_outcome:
        return UINT64_C(1) << (ev->outcome & 63);
    case FW_F_tcp_flags:
        return ev->tcp_flags;
    case FW_RULE_DIRECTION:
        return UINT64_C(1) << (((ev->src_roles & FW_ROLE_HOME) != 0 ? 0 : 2) +
                               ((ev->dst_roles & FW_ROLE_HOME) != 0 ? 0 : 1));
    case FW_RULE_SRC_ROLE:
        return ev->src_roles;
    case FW_RULE_DST_ROLE:
        return ev->dst_roles;
    case FW_RULE_CONNECTION:
        return ev->counts ? 2 : 1;
    case FW_RULE_REPLY:
        return ev->reply ? 2 : 1;
    default:
        return UINT64_C(1) << ev->kind;
    }
}

/* "deny", "syn ack" */
static size_t show_words(unsigned field, uint64_t bits, char *buf, size_t size) {
    size_t len = 0;
    const char *word;
    uint64_t bit;
    buf[0] = '\0';
    for (size_t n = 0; (word = fw_rule_field_word(field, n, &bit)) != NULL; n++) {
        if ((bits & bit) == 0)
            continue;
        if (len > 0)
            len = fw_text_append(buf, size, len, " ", 1);
        len = fw_text_append(buf, size, len, word, strlen(word));
    }
    return len;
}

size_t fw_rule_show_number(unsigned field, uint64_t value, char *buf, size_t size) {
    static const char *const protos[] = {[FW_PROTO_ICMP] = "icmp", [FW_PROTO_TCP] = "tcp", [FW_PROTO_UDP] = "udp"};
    if (fw_rule_field_sort(field) == FW_SORT_WORD)
        return show_words(field, value, buf, size);
    if (field == FW_F_proto && value < COUNT(protos) && protos[value] != NULL)
        (void)snprintf(buf, size, "%s", protos[value]);
    else
        (void)snprintf(buf, size, "%" PRIu64, value);
    return strlen(buf);
}

size_t fw_rule_show(const struct fw_event *ev, unsigned field, char *buf, size_t size) {
    char addr[FW_ADDR_TEXT_MAX];
    struct fw_str text;
    buf[0] = '\0';
    if (!fw_rule_has(ev, field))
        return fw_text_append(buf, size, 0, "?", 1);
    switch (fw_rule_field_sort(field)) {
    case FW_SORT_ADDR:
        return fw_text_append(buf, size, 0, addr, fw_addr_format(fw_rule_addr(ev, field), addr));
    case FW_SORT_NUMBER:
        return fw_rule_show_number(field, fw_rule_number(ev, field), buf, size);
    case FW_SORT_WORD:
        return show_words(field, fw_rule_words(ev, field), buf, size);
    case FW_SORT_TEXT:
        break;
    }
    text = fw_rule_text(ev, field);
    return fw_text_append(buf, size, 0, text.p, text.len);
}
