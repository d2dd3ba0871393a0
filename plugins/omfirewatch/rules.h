/* rules.h: rulebases, one for each file, shared by the actions that name it.
 *
 * A loaded rulebase is immutable and counted: HUP puts a new one in its place,
 * and who still parses with the old one keeps it until he has turned to the new.
 */
#ifndef FW_RULES_H
#define FW_RULES_H

#include <stdatomic.h>

#include "core/problem.h"
#include "parse/parser.h"

/* Grows whenever something changed that parsers are made of; whoever has a parser looks at it before every line. */
extern atomic_uint fwGeneration;

struct fwRules;

/* The rules of that file, from the list or read now. What is wrong in them is logged. */
rsRetVal fwRulesGet(struct fwRules **ppRules, struct fwRules **ppList, const char *pszPath);
struct fwRules *fwRulesAddRef(struct fwRules *pRules);
void fwRulesPut(struct fwRules **ppRules);
/* At the end of a configuration: the list lets go of what it holds. */
void fwRulesFreeList(struct fwRules **ppList);
/* Reads the file again; the old rules stay when anything is wrong with it. */
void fwRulesReload(struct fwRules *pRules);

/* The rulebase of now, held until it is put back. */
struct fwRulebase;
struct fwRulebase *fwRulesCurrent(struct fwRules *pRules);
void fwRulebasePut(struct fwRulebase **ppRulebase);
const struct fw_rulebase *fwRulebase(const struct fwRulebase *pRulebase);

/* For everything that reads what people wrote: one line of log for each problem, as `firewatch check` says it. */
void fwReportProblem(void *cookie, const char *file, unsigned line, unsigned column, const char *text);

#endif
