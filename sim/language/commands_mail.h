/* commands_mail.h: between commands_mail*.c only. */
#ifndef SIM_COMMANDS_MAIL_H
#define SIM_COMMANDS_MAIL_H

#include "servers/store/store_device.h"
#include "sim/language/command.h"

slice mail_device(const struct call *);
bool mail_message_take(struct call *, slice *rest, struct device_message *, bool *there);
bool mail_folder_name(struct call *, slice *rest, struct buf *box);
void mail_kept(struct call *);
void mail_report(struct call *);             /* what the program said, and whether it went well */

/* commands_mail_write.c */
bool mail_writes(struct call *, slice rest);

/* commands_mail_file.c */
bool mail_saves(struct call *, slice rest);
bool mail_imports(struct call *, slice rest);

/* commands_mail_show.c */
bool mail_lists(struct call *, slice rest);
bool mail_reads(struct call *, slice rest);
bool mail_searches(struct call *, slice rest);

#endif
