/* reader.c: see reader.h.
 *
 * The parser comes with the first line, and a new one with the first line after
 * something changed: parsers take time and memory, and a worker that rsyslog
 * made for a burst may never see a line of ours.
 */
#include "config.h"
#include "rsyslog.h"

#include <stdlib.h>

#include "errmsg.h"

#include "reader.h"

struct fwReader {
    struct fwRules *pRules;
    struct fwStation *pStation;
    bool everything;
    unsigned generation; /* of fwGeneration, when it was last looked at what changed */

    /* what the parser is made of */
    struct fwRulebase *pRulebase;
    uint64_t needs;
    bool text;
    struct fw_parser *pParser;
};

rsRetVal fwReaderNew(struct fwReader **const ppReader, struct fwRules *const pRules, struct fwStation *const pStation,
                     const bool everything) {
    struct fwReader *pThis;
    DEFiRet;
    CHKmalloc(pThis = calloc(1, sizeof(*pThis)));
    pThis->pRules = fwRulesAddRef(pRules);
    pThis->pStation = fwStationAddRef(pStation);
    pThis->everything = everything;
    *ppReader = pThis;
finalize_it:
    RETiRet;
}

void fwReaderFree(struct fwReader **const ppReader) {
    struct fwReader *const pThis = *ppReader;
    *ppReader = NULL;
    if (pThis == NULL) {
        return;
    }
    fw_parser_close(&pThis->pParser); /* before the rulebase it points into */
    fwRulebasePut(&pThis->pRulebase);
    fwRulesPut(&pThis->pRules);
    fwStationPut(&pThis->pStation);
    free(pThis);
}

/* Something changed: makes a new parser when it concerns this one. Without memory for it the old one goes on. */
static void renew(struct fwReader *const pThis) {
    char err[FW_PROBLEM_TEXT] = "";
    struct fw_parser *pParser = NULL;
    struct fwRulebase *pRulebase = fwRulesCurrent(pThis->pRules);
    const struct fw_parser_options options = {.needs =
                                                  pThis->everything ? ~UINT64_C(0) : fwStationNeeds(pThis->pStation),
                                              .seed = fwStationLineSeed(pThis->pStation),
                                              .text = fwStationWantsText(pThis->pStation)};
    if (pRulebase == pThis->pRulebase && options.needs == pThis->needs && options.text == pThis->text) {
        fwRulebasePut(&pRulebase);
        return;
    }
    if (fw_parser_open(&pParser, fwRulebase(pRulebase), &options, err, sizeof(err)) != 0) {
        LogError(0, RS_RET_NO_RULEBASE, "omfirewatch: engine \"%s\": a worker %s: %s", fwStationName(pThis->pStation),
                 pThis->pParser != NULL ? "goes on with the old rules" : "cannot read any line", err);
        fwRulebasePut(&pRulebase);
        return;
    }
    fw_parser_close(&pThis->pParser);
    fwRulebasePut(&pThis->pRulebase);
    pThis->pParser = pParser;
    pThis->pRulebase = pRulebase;
    pThis->needs = options.needs;
    pThis->text = options.text;
}

enum fw_parse_result fwReaderLine(struct fwReader *const pThis, const struct fw_line *const pLine,
                                  struct fw_event *const pEvent) {
    const unsigned generation = atomic_load_explicit(&fwGeneration, memory_order_acquire);
    if (pThis->generation != generation) {
        pThis->generation = generation;
        renew(pThis);
    }
    if (pThis->pParser != NULL) {
        return fw_parser_line(pThis->pParser, pLine, pEvent);
    }
    pEvent->message.len = 0;
    return FW_PARSE_UNPARSED;
}
