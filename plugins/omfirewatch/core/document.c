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

unsigned fw_document_score(const struct fw_finding_view *view) {
    /* A threat begins in the middle of the scale and rises with its stages; usage and anomalies are to be looked at. */
    static const unsigned base[] = {[FW_CLASS_THREAT] = 55, [FW_CLASS_USAGE] = 30, [FW_CLASS_ANOMALY] = 25};
    const unsigned stage = view->stage > 4 ? 4 : view->stage < 1 ? 1 : view->stage;
    unsigned score = base[view->ops->class] + 12 * (stage - 1) + view->what->raise;
    score = score * (view->what->confidence > 100 ? 100 : view->what->confidence) / 100;
    return score > 100 ? 100 : score;
}

unsigned fw_document_severity(unsigned score) {
    return score >= 85 ? 2 : score >= 65 ? 3 : score >= 40 ? 4 : score >= 20 ? 5 : 6;
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

static void write_rule(struct fw_json *json, const struct fw_detector_ops *ops) {
    fw_json_object(json, "rule");
    fw_json_text(json, "id", ops->name);
    fw_json_text(json, "name", ops->title);
    fw_json_text(json, "ruleset", "firewatch");
    fw_json_close(json, '}');
    if (ops->technique_id == NULL)
        return;
    fw_json_object(json, "threat");
    fw_json_text(json, "framework", "MITRE ATT&CK");
    fw_json_object(json, "technique");
    fw_json_text(json, "id", ops->technique_id);
    fw_json_text(json, "name", ops->technique_name);
    fw_json_close(json, '}');
    fw_json_close(json, '}');
}

static void write_subject(struct fw_json *json, const struct fw_finding_view *view) {
    const struct fw_subject *who = view->subject;
    if (who->has_src) {
        fw_json_object(json, "source");
        fw_json_addr(json, "ip", &who->src);
        fw_json_close(json, '}');
    }
    if (who->has_dst || who->dport >= 0) {
        fw_json_object(json, "destination");
        if (who->has_dst)
            fw_json_addr(json, "ip", &who->dst);
        if (who->dport >= 0)
            fw_json_int(json, "port", who->dport);
        fw_json_close(json, '}');
    }
    if (who->proto >= 0) {
        fw_json_object(json, "network");
        fw_json_int(json, "iana_number", who->proto);
        if (transport_name(who->proto) != NULL)
            fw_json_text(json, "transport", transport_name(who->proto));
        fw_json_close(json, '}');
    }
    if (view->sensor[0] != '\0') {
        fw_json_object(json, "observer");
        fw_json_text(json, "name", view->sensor);
        fw_json_close(json, '}');
    }
    fw_json_object(json, "related");
    fw_json_array(json, "ip");
    if (who->has_src)
        fw_json_addr(json, NULL, &who->src);
    if (who->has_dst)
        fw_json_addr(json, NULL, &who->dst);
    for (size_t i = 0; i < view->what->evidence_count; i++)
        if (view->what->evidence[i].has_dst)
            fw_json_addr(json, NULL, &view->what->evidence[i].dst);
    fw_json_close(json, ']');
    fw_json_close(json, '}');
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

static void write_firewatch(struct fw_json *json, const struct fw_finding_view *view) {
    const struct fw_description *what = view->what;
    fw_json_object(json, "firewatch");
    fw_json_text(json, "class", fw_class_name(view->ops->class));
    fw_json_object(json, "finding");
    write_id(json, "id", view->id);
    fw_json_text(json, "state", view->action == FW_FINDING_CLOSE ? "closed" : "open");
    fw_json_uint(json, "stage", view->stage);
    if (view->previous_id != 0)
        write_id(json, "previous_id", view->previous_id);
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
    fw_json_close(json, '}');
    write_evidence(json, what);
    fw_json_uint(json, "confidence", what->confidence);
    fw_json_array(json, "degraded");
    for (size_t i = 0; i < FW_DEGRADED_MAX && what->degraded[i] != NULL; i++)
        fw_json_text(json, NULL, what->degraded[i]);
    fw_json_close(json, ']');
    if (what->next_step != NULL)
        fw_json_text(json, "next_step", what->next_step);
    fw_json_close(json, '}');
}

int fw_document_finding(const struct fw_finding_view *view, struct fw_document *out) {
    struct fw_json json;
    const unsigned score = fw_document_score(view);
    out->kind = FW_DOCUMENT_FINDING;
    out->severity = fw_document_severity(score);
    const int n = snprintf(out->text, sizeof out->text, "%s %s: %s", view->ops->name, action_word[view->action],
                           view->what->sentence);
    out->text_len = n < 0 ? 0 : (size_t)n < sizeof out->text ? (size_t)n : sizeof out->text - 1;
    fw_json_begin(&json, out->json, sizeof out->json);
    json.slash = true; /* rsyslog prints the document with libfastjson; both give the same bytes */
    fw_json_object(&json, NULL);
    fw_json_time(&json, "@timestamp", view->time);
    fw_json_bytes(&json, "message", out->text, out->text_len);
    write_event(&json, view, score);
    write_rule(&json, view->ops);
    write_subject(&json, view);
    write_firewatch(&json, view);
    fw_json_close(&json, '}');
    out->json_len = fw_json_end(&json);
    return out->json_len > 0 ? 0 : -1;
}
