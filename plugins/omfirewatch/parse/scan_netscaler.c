/* scan_netscaler.c: Citrix NetScaler, log-ins that failed.
 *
 *   ... AAA LOGIN_FAILED 123 0 :  User alice - Client_ip 192.0.2.10 - Failure_reason "..." - Browser Example/1.0
 *
 * Whoever tries chooses the user's name, which stands first and in no quotes, and the browser's, which stands last.
 * So the address is believed only where its label comes once in the line; else the line is refused.
 */
#include "scan.h"
#include "scan_word.h"

enum fw_parse_result fw_scan_netscaler(const char *content, size_t len, struct fw_event *ev) {
    static const char user[] = " User ", client[] = " - Client_ip ", why[] = " - Failure_reason \"";
    const char *end = content + len;
    const char *u = fw_word_find(content, end, user, sizeof user - 1);
    const char *c = u != NULL ? fw_word_find(u, end, client, sizeof client - 1) : NULL;
    const char *w = c != NULL ? fw_word_find(c, end, why, sizeof why - 1) : NULL;

    if (w == NULL)
        return FW_PARSE_UNPARSED;
    if (fw_word_find(c + 1, end, client, sizeof client - 1) != NULL)
        return FW_PARSE_REFUSED;
    u += sizeof user - 1;
    c += sizeof client - 1;
    const struct fw_str name = {u, (uint32_t)(c - (sizeof client - 1) - u)}, address = {c, (uint32_t)(w - c)};

    w += sizeof why - 1;
    const char *quote = memchr(w, '"', (size_t)(end - w));
    const struct fw_str reason = {w, quote != NULL ? (uint32_t)(quote - w) : 0};

    return fw_word_put(ev, FW_F_user, &name) && fw_word_put(ev, FW_F_src, &address) &&
                   fw_word_put(ev, FW_F_reason, &reason)
               ? FW_PARSE_EVENT
               : FW_PARSE_REFUSED;
}
