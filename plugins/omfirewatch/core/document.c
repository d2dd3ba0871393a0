/* document.c: see document.h. Everything that names an ECS field for a finding is here. */
#include "document.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const action_word[] = {"open", "update", "close"};
static const char *const action_name[] = {"finding-open", "finding-update", "finding-close"};

const char *fw_class_name(enum fw_class class) {
    switch (class) {
    case FW_CLASS_THREAT:
        return "threat";
    case FW_CLASS_USAGE:
        return "usage";
    case FW_CLASS_ANOMALY:
        return "anomaly";
    }
    return "threat";
}

/* Percent of the score by the value of the greater home end, 1 to 5; 2 is what nothing is known of. From a guest's
 * telephone to what the company cannot do without it is twice: enough for one step of severity up or down. */
static const unsigned asset_pct[FW_ASSET_MAX + 1] = {100, 75, 100, 115, 135, 150};

unsigned fw_document_score(const struct fw_finding_view *view) {
    /* A threat begins in the middle of the scale and rises with its stages; usage and anomalies are to be looked at. */
    static const unsigned base[] = {[FW_CLASS_THREAT] = 55, [FW_CLASS_USAGE] = 30, [FW_CLASS_ANOMALY] = 25};
    const unsigned stage = view->stage > 4 ? 4 : view->stage < 1 ? 1 : view->stage;
    const unsigned asset = view->asset > FW_ASSET_MAX ? FW_ASSET_MAX : view->asset;
    const unsigned first = view->ops->score != 0 ? view->ops->score : base[view->ops->class];
    unsigned score = first + 12 * (stage - 1) + view->what->raise;
    score = score * (view->what->confidence > 100 ? 100 : view->what->confidence) / 100;
    score = score * asset_pct[asset] / 100;
    return score > 100 ? 100 : score;
}

unsigned fw_document_severity(unsigned score) {
    return score >= 85 ? 2 : score >= 65 ? 3 : score >= 40 ? 4 : score >= 20 ? 5 : 6;
}

size_t fw_service_format(int proto, int dport, char *buf, size_t size) {
    int n;
    if (proto == FW_PROTO_TCP || proto == FW_PROTO_UDP) {
        const char *name = proto == FW_PROTO_TCP ? "tcp" : "udp";
        n = dport < 0 ? snprintf(buf, size, "%s", name) : snprintf(buf, size, "%s/%d", name, dport);
    } else if (proto == FW_PROTO_ICMP || proto == FW_PROTO_ICMP6)
        n = snprintf(buf, size, "icmp echo");
    else
        n = snprintf(buf, size, "ip/%d", proto);
    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

static const char *transport_name(int proto) {
    switch (proto) {
    case FW_PROTO_ICMP:
        return "icmp";
    case FW_PROTO_TCP:
        return "tcp";
    case FW_PROTO_UDP:
        return "udp";
    case FW_PROTO_ICMP6:
        return "ipv6-icmp";
    default:
        return NULL;
    }
}

static void write_id(struct fw_json *json, const char *key, uint64_t id) {
    char text[FW_ID_TEXT];
    (void)snprintf(text, sizeof text, "%016" PRIx64, id);
    fw_json_text(json, key, text);
}

static void write_event(struct fw_json *json, const struct fw_finding_view *view, unsigned score) {
    fw_json_object(json, "event");
    fw_json_text(json, "kind", "alert");
    fw_json_array(json, "category");
    fw_json_text(json, NULL, view->ops->class == FW_CLASS_THREAT ? "intrusion_detection" : "network");
    fw_json_close(json, ']');
    fw_json_array(json, "type"); /* what became of the traffic */
    fw_json_text(json, NULL, "info");
    if (view->allowed > 0)
        fw_json_text(json, NULL, "allowed");
    if (view->denied > 0)
        fw_json_text(json, NULL, "denied");
    fw_json_close(json, ']');
    fw_json_text(json, "module", "firewatch");
    fw_json_text(json, "dataset", "firewatch.finding");
    fw_json_text(json, "action", action_name[view->action]);
    write_id(json, "id", view->id);
    fw_json_uint(json, "sequence", view->sequence);
    fw_json_time(json, "start", view->start);
    fw_json_time(json, "end", view->last);
    fw_json_uint(json, "severity", fw_document_severity(score));
    fw_json_uint(json, "risk_score", score);
    fw_json_text(json, "reason", view->what->sentence);
    fw_json_close(json, '}');
}

/* An array of one: ECS says array where there may be several. */
static void write_one(struct fw_json *json, const char *key, const char *p, size_t len) {
    fw_json_array(json, key);
    fw_json_bytes(json, NULL, p, len);
    fw_json_close(json, ']');
}

static const struct {
    const char *id, *name;
} tactics[FW_TACTICS] = {
    [FW_TACTIC_INITIAL_ACCESS] = {"TA0001", "Initial Access"},
    [FW_TACTIC_CREDENTIAL_ACCESS] = {"TA0006", "Credential Access"},
    [FW_TACTIC_DISCOVERY] = {"TA0007", "Discovery"},
    [FW_TACTIC_LATERAL_MOVEMENT] = {"TA0008", "Lateral Movement"},
    [FW_TACTIC_COMMAND_AND_CONTROL] = {"TA0011", "Command and Control"},
    [FW_TACTIC_IMPACT] = {"TA0040", "Impact"},
};

static void write_tactic(struct fw_json *json, enum fw_tactic tactic) {
    if (tactic == FW_TACTIC_NONE)
        return;
    fw_json_object(json, "tactic");
    write_one(json, "id", tactics[tactic].id, strlen(tactics[tactic].id));
    write_one(json, "name", tactics[tactic].name, strlen(tactics[tactic].name));
    fw_json_close(json, '}');
}

enum attack { ATTACK_TACTIC, ATTACK_TECHNIQUE, ATTACK_SUBTECHNIQUE };

static bool is_attack(const char *id, enum attack what) {
    if (id[0] == 'T' && id[1] == 'A')
        return what == ATTACK_TACTIC;
    return what == ATTACK_TECHNIQUE || (what == ATTACK_SUBTECHNIQUE && strchr(id, '.') != NULL);
}

/* Those of one level; a technique is named without its subtechnique, and once. */
static void write_attack_level(struct fw_json *json, const char *key, const char *const *ids, enum attack what) {
    bool begun = false;
    for (size_t i = 0; ids[i] != NULL; i++) {
        const size_t len = what == ATTACK_TECHNIQUE ? strcspn(ids[i], ".") : strlen(ids[i]);
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again = again || (is_attack(ids[k], what) && strncmp(ids[k], ids[i], len) == 0);
        if (again || !is_attack(ids[i], what))
            continue;
        if (!begun) {
            fw_json_object(json, key);
            fw_json_array(json, "id");
        }
        begun = true;
        fw_json_bytes(json, NULL, ids[i], len);
    }
    if (!begun)
        return;
    fw_json_close(json, ']');
    if (what != ATTACK_TECHNIQUE) /* the subtechnique lies in it */
        fw_json_close(json, '}');
}

static bool has_attack(const char *const *ids, enum attack what) {
    for (size_t i = 0; ids[i] != NULL; i++)
        if (is_attack(ids[i], what))
            return true;
    return false;
}

static void write_attack(struct fw_json *json, const char *const *ids) {
    fw_json_object(json, "threat");
    fw_json_text(json, "framework", "MITRE ATT&CK");
    write_attack_level(json, "tactic", ids, ATTACK_TACTIC);
    write_attack_level(json, "technique", ids, ATTACK_TECHNIQUE);
    write_attack_level(json, "subtechnique", ids, ATTACK_SUBTECHNIQUE);
    if (has_attack(ids, ATTACK_TECHNIQUE))
        fw_json_close(json, '}');
    fw_json_close(json, '}');
}

static void write_rule(struct fw_json *json, const struct fw_detector_ops *ops) {
    fw_json_object(json, "rule");
    fw_json_text(json, "id", ops->name);
    fw_json_text(json, "name", ops->title);
    fw_json_text(json, "ruleset", ops->ruleset != NULL ? ops->ruleset : "firewatch");
    fw_json_close(json, '}');
    if (ops->attack != NULL)
        write_attack(json, ops->attack);
    if (ops->technique_id == NULL)
        return;
    /* "T1071.003", "Application Layer Protocol: Mail Protocols": ECS has fields of their own for both levels. */
    const char *dot = strchr(ops->technique_id, '.');
    const char *colon = strstr(ops->technique_name, ": ");
    const size_t id_len = dot != NULL ? (size_t)(dot - ops->technique_id) : strlen(ops->technique_id);
    const size_t name_len =
        dot != NULL && colon != NULL ? (size_t)(colon - ops->technique_name) : strlen(ops->technique_name);
    fw_json_object(json, "threat");
    fw_json_text(json, "framework", "MITRE ATT&CK");
    write_tactic(json, ops->tactic);
    fw_json_object(json, "technique");
    write_one(json, "id", ops->technique_id, id_len);
    write_one(json, "name", ops->technique_name, name_len);
    if (dot != NULL) {
        const char *name = colon != NULL ? colon + 2 : ops->technique_name;
        fw_json_object(json, "subtechnique");
        write_one(json, "id", ops->technique_id, strlen(ops->technique_id));
        write_one(json, "name", name, strlen(name));
        fw_json_close(json, '}');
    }
    fw_json_close(json, '}');
    fw_json_close(json, '}');
}

/* Every address once. */
static void write_related(struct fw_json *json, const struct fw_finding_view *view) {
    const struct fw_description *what = view->what;
    const union fw_addr *seen[FW_EVIDENCE_MAX + FW_RIVALS_MAX + 4];
    size_t count = 0;
    if (view->subject->has_src)
        seen[count++] = &view->subject->src;
    if (view->subject->has_dst)
        seen[count++] = &view->subject->dst;
    if (what->lineage.depth > 0) {
        seen[count++] = &what->lineage.parent;
        seen[count++] = &what->lineage.root;
        for (size_t i = 0; i < what->lineage.rival_count && i < FW_RIVALS_MAX; i++)
            seen[count++] = &what->lineage.rivals[i].parent;
    }
    for (size_t i = 0; i < what->evidence_count && i < FW_EVIDENCE_MAX; i++)
        if (what->evidence[i].has_dst)
            seen[count++] = &what->evidence[i].dst;
    fw_json_object(json, "related");
    fw_json_array(json, "ip");
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (!fw_addr_equal(seen[k], seen[i]))
            k++;
        if (k == i)
            fw_json_addr(json, NULL, seen[i]);
    }
    fw_json_close(json, ']');
    if (view->name_count > 0) {
        fw_json_array(json, "hosts");
        for (size_t i = 0; i < view->name_count; i++)
            fw_json_text(json, NULL, view->names[i]);
        fw_json_close(json, ']');
    }
    if (what->users[0][0] != '\0') {
        fw_json_array(json, "user");
        for (size_t i = 0; i < FW_USERS_MAX && what->users[i][0] != '\0'; i++) {
            char name[FW_USER_MAX];
            const size_t len =
                fw_text_append(name, sizeof name, 0, what->users[i], strnlen(what->users[i], FW_USER_MAX));
            fw_json_bytes(json, NULL, name, len);
        }
        fw_json_close(json, ']');
    }
    fw_json_close(json, '}');
}

/* The matter in words: what is the same in every replay and under every policy. */
static void write_key(struct fw_json *json, const struct fw_finding_view *view) {
    const struct fw_subject *who = view->subject;
    char text[FW_KEY_TEXT_MAX + 40], part[FW_ADDR_TEXT_MAX + 32];
    size_t len = fw_text_append(text, sizeof text, 0, view->ops->name, strlen(view->ops->name));
    if (view->what->key[0] != '\0') {
        len = fw_text_append(text, sizeof text, len, "|", 1);
        len = fw_text_append(text, sizeof text, len, view->what->key, strnlen(view->what->key, FW_KEY_TEXT_MAX));
        fw_json_bytes(json, "key", text, len);
        return;
    }
    const union fw_addr *ends[2] = {who->has_src ? &who->src : NULL, who->has_dst ? &who->dst : NULL};
    for (size_t i = 0; i < 2; i++)
        if (ends[i] != NULL) {
            const size_t n = fw_addr_format(ends[i], part);
            len = fw_text_append(text, sizeof text, len, "|", 1);
            len = fw_text_append(text, sizeof text, len, part, n);
        }
    if (who->proto >= 0) {
        const size_t n = fw_service_format(who->proto, who->dport, part, sizeof part);
        len = fw_text_append(text, sizeof text, len, "|", 1);
        len = fw_text_append(text, sizeof text, len, part, n);
    }
    fw_json_bytes(json, "key", text, len);
}

/* Where it is and whose, by the databases of the policy. */
static void write_where(struct fw_json *json, const struct fw_whereabouts *where) {
    if (where->country[0] != '\0') {
        fw_json_object(json, "geo");
        fw_json_text(json, "country_iso_code", where->country);
        fw_json_close(json, '}');
    }
    if (where->as_number == 0)
        return;
    fw_json_object(json, "as");
    fw_json_uint(json, "number", where->as_number);
    if (where->owner[0] != '\0') {
        fw_json_object(json, "organization");
        fw_json_bytes(json, "name", where->owner, strnlen(where->owner, sizeof where->owner));
        fw_json_close(json, '}');
    }
    fw_json_close(json, '}');
}

static const char *domain_of(const struct fw_finding_view *view) {
    if (view->what->domain[0] != '\0')
        return view->what->domain;
    return view->name_count > 0 ? view->names[0] : "";
}

static void write_subject(struct fw_json *json, const struct fw_finding_view *view) {
    const struct fw_subject *who = view->subject;
    if (who->has_src) {
        fw_json_object(json, "source");
        fw_json_addr(json, "ip", &who->src);
        write_where(json, &view->src_where);
        fw_json_close(json, '}');
    }
    const char *domain = domain_of(view);
    if (who->has_dst || who->dport >= 0 || domain[0] != '\0') {
        fw_json_object(json, "destination");
        if (domain[0] != '\0')
            fw_json_text(json, "domain", domain);
        if (who->has_dst)
            fw_json_addr(json, "ip", &who->dst);
        if (who->dport >= 0)
            fw_json_int(json, "port", who->dport);
        write_where(json, &view->dst_where);
        fw_json_close(json, '}');
    }
    if (who->proto >= 0) {
        fw_json_object(json, "network");
        char number[12];
        (void)snprintf(number, sizeof number, "%d", who->proto);
        fw_json_text(json, "iana_number", number); /* a keyword in ECS */
        if (transport_name(who->proto) != NULL)
            fw_json_text(json, "transport", transport_name(who->proto));
        fw_json_close(json, '}');
    }
    if (view->sensor[0] != '\0') {
        fw_json_object(json, "observer");
        fw_json_text(json, "name", view->sensor);
        fw_json_close(json, '}');
    }
    write_related(json, view);
}

static void write_evidence(struct fw_json *json, const struct fw_description *what) {
    fw_json_array(json, "evidence");
    for (size_t i = 0; i < what->evidence_count && i < FW_EVIDENCE_MAX; i++) {
        const struct fw_evidence *one = &what->evidence[i];
        fw_json_object(json, NULL);
        fw_json_time(json, "time", one->time);
        if (one->has_dst)
            fw_json_addr(json, "destination", &one->dst);
        if (one->dport >= 0)
            fw_json_int(json, "port", one->dport);
        if (one->action != 0)
            fw_json_text(json, "action", one->action == FW_ACTION_DENY ? "deny" : "allow");
        fw_json_close(json, '}');
    }
    fw_json_close(json, ']');
}

static void write_members(struct fw_json *json, const struct fw_description *what) {
    if (what->member_count == 0)
        return;
    fw_json_array(json, "members");
    for (size_t i = 0; i < what->member_count && i < FW_MEMBERS_MAX; i++) {
        const struct fw_member *one = &what->members[i];
        fw_json_object(json, NULL);
        fw_json_text(json, "rule", one->name);
        write_id(json, "id", one->id);
        fw_json_time(json, "start", one->start);
        fw_json_uint(json, "stage", one->stage);
        fw_json_close(json, '}');
    }
    fw_json_close(json, ']');
}

static void write_lineage(struct fw_json *json, const struct fw_lineage *lineage) {
    if (lineage->depth == 0)
        return;
    fw_json_object(json, "lineage");
    fw_json_addr(json, "parent", &lineage->parent);
    fw_json_addr(json, "root", &lineage->root);
    fw_json_uint(json, "depth", lineage->depth);
    fw_json_uint(json, "share", lineage->share);
    fw_json_int(json, "lag_seconds", lineage->lag / FW_SECOND);
    if (lineage->dport >= 0)
        fw_json_int(json, "port", lineage->dport);
    if (lineage->rival_count > 0) {
        fw_json_array(json, "rivals");
        for (size_t i = 0; i < lineage->rival_count && i < FW_RIVALS_MAX; i++) {
            fw_json_object(json, NULL);
            fw_json_addr(json, "ip", &lineage->rivals[i].parent);
            fw_json_uint(json, "share", lineage->rivals[i].share);
            fw_json_close(json, '}');
        }
        fw_json_close(json, ']');
    }
    fw_json_close(json, '}');
}

static void write_firewatch(struct fw_json *json, const struct fw_finding_view *view) {
    const struct fw_description *what = view->what;
    fw_json_object(json, "firewatch");
    fw_json_text(json, "class", fw_class_name(view->ops->class));
    fw_json_object(json, "finding");
    write_id(json, "id", view->id);
    write_key(json, view);
    fw_json_text(json, "state", view->action == FW_FINDING_CLOSE ? "closed" : "open");
    fw_json_uint(json, "stage", view->stage);
    if (view->previous_id != 0)
        write_id(json, "previous_id", view->previous_id);
    if (view->parent_id != 0)
        write_id(json, "parent_id", view->parent_id);
    if (view->action == FW_FINDING_CLOSE)
        fw_json_text(json, "close_reason", view->close_reason);
    fw_json_close(json, '}');
    fw_json_object(json, "window");
    fw_json_int(json, "seconds", what->window / FW_SECOND);
    fw_json_close(json, '}');
    fw_json_object(json, "measure");
    fw_json_text(json, "name", what->measure);
    fw_json_uint(json, "value", what->value);
    fw_json_uint(json, "threshold", view->threshold);
    fw_json_bool(json, "exact", what->exact);
    if (!what->exact)
        fw_json_uint(json, "error_pct", what->error_pct);
    fw_json_close(json, '}');
    fw_json_object(json, "counts");
    fw_json_uint(json, "events", view->events);
    fw_json_uint(json, "allowed", view->allowed);
    fw_json_uint(json, "denied", view->denied);
    fw_json_uint(json, "late", view->late);
    fw_json_uint(json, "suppressed", view->suppressed);
    fw_json_uint(json, "muted", view->muted);
    fw_json_close(json, '}');
    if (view->muted > 0) {
        fw_json_array(json, "children");
        for (size_t i = 0; i < FW_CHILDREN_MAX && view->children[i][0] != '\0'; i++)
            fw_json_text(json, NULL, view->children[i]);
        fw_json_close(json, ']');
    }
    write_evidence(json, what);
    write_members(json, what);
    write_lineage(json, &what->lineage);
    fw_json_uint(json, "asset", view->asset != 0 ? view->asset : FW_ASSET_DEFAULT);
    fw_json_uint(json, "confidence", what->confidence);
    fw_json_array(json, "degraded");
    for (size_t i = 0; i < FW_DEGRADED_MAX && what->degraded[i] != NULL; i++)
        fw_json_text(json, NULL, what->degraded[i]);
    fw_json_close(json, ']');
    if (what->next_step != NULL)
        fw_json_text(json, "next_step", what->next_step);
    fw_json_close(json, '}');
}

void fw_document_begin(struct fw_json *json, fw_time time, struct fw_document *out) {
    fw_json_begin(json, out->json, sizeof out->json);
    json->slash = true; /* rsyslog prints the document with libfastjson; both give the same bytes */
    fw_json_object(json, NULL);
    fw_json_time(json, "@timestamp", time);
    fw_json_object(json, "ecs");
    fw_json_text(json, "version", FW_ECS_VERSION);
    fw_json_close(json, '}');
    fw_json_bytes(json, "message", out->text, out->text_len);
}

int fw_document_end(struct fw_json *json, struct fw_document *out) {
    fw_json_close(json, '}');
    out->json_len = fw_json_end(json);
    return out->json_len > 0 ? 0 : -1;
}

int fw_document_finding(const struct fw_finding_view *view, struct fw_document *out) {
    struct fw_json json;
    const unsigned score = fw_document_score(view);
    out->kind = FW_DOCUMENT_FINDING;
    out->severity = fw_document_severity(score);
    const int n = snprintf(out->text, sizeof out->text, "%s %s: %s", view->ops->name, action_word[view->action],
                           view->what->sentence);
    out->text_len = n < 0 ? 0 : (size_t)n < sizeof out->text ? (size_t)n : sizeof out->text - 1;
    fw_document_begin(&json, view->time, out);
    write_event(&json, view, score);
    write_rule(&json, view->ops);
    write_subject(&json, view);
    write_firewatch(&json, view);
    return fw_document_end(&json, out);
}
