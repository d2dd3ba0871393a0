/* layout.h: lines that a table of columns or names describes.
 *
 * Proxies, web servers and flow logs write what their administrator configured:
 * columns in an order, or names with values. liblognorm cannot read them safely
 * (a quote inside a quoted value, an empty column, names in any order), so a rule
 * recognises the line, and +layout="..." says what stands where. The first word
 * is the shape:
 *   words        columns between blanks; "quoted" with \ before a quote, or [bracketed]
 *   tabs         columns between tabs
 *   commas       columns between commas; "quoted", a quote doubled
 *   pairs        name=value or name="value" between blanks
 *   pairs-tab    the same between tabs
 *   pairs-comma  the same between commas
 *   pairs-bar    the same between bars
 *   json         one JSON object; names are paths ("alert.signature")
 * Columns are the names of fields in order, "-" for one that is skipped, "*" at
 * the end for any more; those behind "?" may be missing. Of pairs and json each is field=name. Besides the names of
 * fields.def there are:
 *   time         when it happened: seconds since 1970, ISO 8601 with its zone, or
 *                [12/Oct/2026:08:00:00 +0200]; without a zone it is not believed
 *   begin        seconds since 1970 when it began; the duration is from there to time
 *   request      "GET /index.html HTTP/1.1", quoted: method and url
 *   labels       "(3)www(7)example(3)com(0)", a name asked for by its labels: query
 *   addresses    of JSON: the first that is an address among all values with that path,
 *                in every element of an array: answer
 *   src:sport    address and port with a colon between; also dst:dport
 *   duration_ms  the duration in milliseconds
 *   result       "TCP_DENIED/403", Squid's result and the status: status and verdict
 *   peer         "DIRECT/www.example.com": not kept; the line is refused without its
 *                slash, because then a blank in the URL has shifted the columns
 * Where the line gives a URL with a host and no host, the host is taken from it.
 * "", "-", "None", "NA" and "N/A" stand for nothing; so do zero for a status, a
 * session and an address that was not translated. A verdict that is neither allowed
 * nor denied is none. Ports are dropped where the protocol has none.
 */
#ifndef FW_LAYOUT_H
#define FW_LAYOUT_H

#include "parser.h"

#define FW_LAYOUT_ITEMS 64 /* columns or names of a layout; ISA's longest has 33 */

enum fw_layout_shape {
    FW_LAYOUT_WORDS,
    FW_LAYOUT_TABS,
    FW_LAYOUT_COMMAS,
    FW_LAYOUT_PAIRS,
    FW_LAYOUT_PAIRS_TAB,
    FW_LAYOUT_PAIRS_COMMA,
    FW_LAYOUT_PAIRS_BAR,
    FW_LAYOUT_JSON,
    FW_LAYOUT_SHAPES
};

struct fw_layout {
    enum fw_layout_shape shape;
    bool more; /* "*" */
    unsigned items;
    unsigned needed; /* columns a line must have */
    struct fw_layout_item {
        int field;          /* of fields.def, or one of layout.c's own; -1: skipped */
        struct fw_str name; /* of pairs and json */
    } item[FW_LAYOUT_ITEMS];
};

/* Reads the text of an annotation; the names are borrowed from it. Returns 0, or -1 with text in err. */
int fw_layout_parse(struct fw_layout *layout, const char *text, char *err, size_t errlen);
/* Reads a line. `scratch` has room for FW_LINE_MAX bytes: strings whose escapes were taken out live there. The result is
 * as that of a scanner (scan.h). content[len] is NUL. */
enum fw_parse_result fw_layout_read(const struct fw_layout *layout, const char *content, size_t len, char *scratch,
                                    struct fw_event *ev);

#endif
