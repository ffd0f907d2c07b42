/* plain.c: what one exchange looks like without colour and drawing: one line for each
   thing that happened, for screen readers, pipes and scripts. The forms are an interface:
   [laptop] C: EHLO x      [laptop] S: 250 …      [laptop] = CONNECTED -> READY (EHLO, OK)
   > wait 2h */
#include "servers/dialects/dialects.h"
#include "views/clean.h"
#include "views/exchange.h"

void plain_input(struct exchange *exchange, const struct trace_record *record)
{
    if (!exchange->command || !exchange->front->look.echo)
        return;
    slice line = slice_trim(record->text);
    take_char(&line, ':');
    buf_add_text(exchange->out, "> ");
    clean_add(exchange->out, line, exchange->front->look.utf8);
    buf_add_char(exchange->out, '\n');
}

void plain_line(struct exchange *exchange, const struct conn *conn,
                const struct trace_record *record)
{
    if (record->side == SIDE_CLIENT && !exchange->front->look.echo && !exchange->command)
        return;
    buf_format(exchange->out, "[%s] %c: ", machine_name(exchange->world, conn->client),
               record->side == SIDE_CLIENT ? 'C' : 'S');
    clean_add(exchange->out, record->text, exchange->front->look.utf8);
    buf_add_char(exchange->out, '\n');
}

void plain_firings(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->firing_count; i++) {
        const struct trace_record *record = exchange->firings[i];
        const struct protocol *protocol = firing_protocol(exchange, record);
        bool whose = dialect_answered(protocol, record->rule);
        buf_format(exchange->out, "[%s] = %s -> %s (%s, %s%s%s)\n",
                   machine_name(exchange->world, exchange->device),
                   protocol->states[record->before].name, protocol->states[record->after].name,
                   protocol_event_name(protocol, record->event), outcome_name(record->outcome),
                   whose ? ", as " : "", whose ? dialect_at(record->rule)->title : "");
    }
}
