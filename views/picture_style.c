/* picture_style.c: the colours and signs of pictures, and what they mean. */
#include <string.h>

#include "base/words.h"
#include "views/picture_svg.h"

/* On paper too. */
#define LIGHT \
    "text{fill:#1b1d22}.halo{stroke:#ffffff}.soft{fill:#4d535c}" \
    ".line,.dash{stroke:#7f848c}.arrow{stroke:#1b1d22}.tip{fill:#1b1d22}.lost,.no{stroke:#a92f14}" \
    ".losttext,.notip{fill:#a92f14}.rule{stroke:#d8d5cd}.bar,.tile{stroke:#7f848c}" \
    ".tile,.paper{fill:#ffffff}.full{fill:#d3e1f0}.came{fill:#ffd24a}.onnow{fill:#1b1d22}" \
    ".d0{fill:#edf1f6}.d1{fill:#d3e1f0}.d2{fill:#a8c6e6}.d3{fill:#6fa3d6}.d4{fill:#1d4f8a}"

/* No custom properties: not every viewer knows them. Colours mean the same in all protocols: how
   deep in the session (d0 to d4), just happened (gold), refused or lost (red, and a cross or a
   word beside it); what is closed is empty. */
const char picture_style[] =
    "svg{font:14px ui-monospace,Menlo,Consolas,monospace}.halo{paint-order:stroke;stroke-width:3px}"
    ".title{font-size:21px;font-weight:bold}.name,.step{font-size:16px;font-weight:bold}"
    ".small{font-size:13px}.new,.losttext{font-weight:bold}.line{stroke-dasharray:3 4}"
    ".arrow,.lost,.dash,.no{fill:none}.bar{stroke-width:1}.closed{fill:none;stroke-dasharray:2 2}"
    LIGHT
    ".head{fill:url(#half)}.gone,.closed{fill:none;stroke-dasharray:2 2}"
    "@media(prefers-color-scheme:dark){"
    "text{fill:#eceae5}.halo{stroke:#1d2127}.soft{fill:#b2b8c1}"
    ".line,.dash{stroke:#868e99}.arrow{stroke:#eceae5}.tip{fill:#eceae5}.lost,.no{stroke:#ff9b82}"
    ".losttext,.notip{fill:#ff9b82}.rule{stroke:#343a43}.bar,.tile{stroke:#868e99}"
    ".tile,.paper{fill:#1d2127}.full{fill:#2c3f55}.came{fill:#f3c63a}.onnow{fill:#1b1d22}"
    ".d0{fill:#272d35}.d1{fill:#2c3f55}.d2{fill:#2f5680}.d3{fill:#4580bb}.d4{fill:#9ccbf8}"
    ".head{fill:url(#half)}.gone,.closed{fill:none}}"
    "@media print{"
    LIGHT
    ".head{fill:url(#half)}.gone,.closed{fill:none}}";

const char picture_defs[] =
    "<defs><pattern id=\"off\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
    "patternTransform=\"rotate(45)\"><path class=\"dash\" d=\"M0 0V6\" stroke-width=\"3\"/>"
    "</pattern><pattern id=\"half\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">"
    "<path class=\"dash\" d=\"M0 4L4 0\"/></pattern></defs>";

/* What the signs and colours mean, above everything. */
void picture_legend(struct buf *out, unsigned y)
{
    static const struct {
        const char *shape, *words;
    } signs[] = {
        { "<rect class=\"bar d0\"", "stranger" },     { "<rect class=\"bar d1\"", "known" },
        { "<rect class=\"bar d2\"", "message begun, mailbox open" },
        { "<rect class=\"bar d3\"", "text only" },    { "<rect class=\"bar d4\"", "takes effect" },
        { "<rect class=\"bar closed\"", "closed" },   { "<rect class=\"tile came\"", "+ has come" },
        { "<rect class=\"tile full\"", "whole copy" }, { "<rect class=\"tile head\"", "header only" },
        { "<rect class=\"tile gone\"", "- has left" },
    };
    unsigned x = 20;
    for (size_t i = 0; i < COUNT(signs); i++) {
        if (i == 5) {
            x = 20;
            y += 26;
        }
        buf_format(out, "%s x=\"%u\" y=\"%u\" width=\"22\" height=\"14\"/>", signs[i].shape, x,
                   y - 12);
        buf_format(out, "<text class=\"small\" x=\"%u\" y=\"%u\">%s</text>\n", x + 30, y,
                   signs[i].words);
        x += 30 + 8 * (unsigned)strlen(signs[i].words) + 24;
    }
    buf_format(out,
               "<text class=\"small soft\" x=\"20\" y=\"%u\">A bar is a session; a thick arrow "
               "is several lines; &gt; is handed over.</text>\n"
               "<text class=\"small soft\" x=\"20\" y=\"%u\">Red is refused, cut or lost; a "
               "hatched lifeline is offline.</text>\n",
               y + 26, y + 46);
}
