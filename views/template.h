/* template.h: a text with places in braces, which somebody fills in: "{word} is no command". */
#ifndef VIEWS_TEMPLATE_H
#define VIEWS_TEMPLATE_H

#include "base/buf.h"

/* What stands for the place; its name is without the braces. */
typedef void template_part(void *context, struct buf *, slice name);
void template_fill(struct buf *, const char *text, template_part *, void *context);

#endif
