/* reader.h: a worker's parser, which follows the rules and the policy as they change. One thread only. */
#ifndef FW_READER_H
#define FW_READER_H

#include <stdbool.h>

#include "rules.h"
#include "station.h"

struct fwReader;

/* everything: reads all fields a rule has, not only those the engine wants. */
rsRetVal fwReaderNew(struct fwReader **ppReader, struct fwRules *pRules, struct fwStation *pStation, bool everything);
void fwReaderFree(struct fwReader **ppReader);
enum fw_parse_result fwReaderLine(struct fwReader *pReader, const struct fw_line *pLine, struct fw_event *pEvent);

#endif
