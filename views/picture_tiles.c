/* picture_tiles.c: messages as tiles, and which of them each lifeline holds at the end. */
#include <string.h>

#include "base/words.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "views/board.h"
#include "views/picture_svg.h"

#define TILES_A_ROW 7u

void tile_draw(struct drawing *drawing, unsigned x, unsigned y, const char *class,
                      slice name)
{
    buf_format(drawing->out,
               "<rect class=\"tile %s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"17\" rx=\"2\"/>"
               "<text class=\"small%s\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">",
               class, x, y, TILE,
               strcmp(class, "came") == 0       ? " onnow"
               : strcmp(class, "full new") == 0 ? " new"
                                                : "",
               x + TILE / 2, y + 13);
    xml_add(drawing->out, name, 3);
    buf_add_text(drawing->out, "</text>");
}

/* --- messages at the end -------------------------------------------------------------------- */

/* The tiles of one holder, in rows; returns how many rows. */
static unsigned holder_draw(struct drawing *drawing, const struct board *board, size_t holder,
                            unsigned x, unsigned y)
{
    unsigned count = 0;
    for (size_t i = 0; i < board->count; i++) {
        const struct board_message *message = &board->messages[i];
        const struct board_cell *cell = &message->cells[holder];
        struct buf name = BUF_MAX(24), state = BUF_MAX(64);
        if (!board_has(cell))
            continue;
        message_name_write(&name, message->number);
        if (cell->copies > 1)
            buf_format(&name, "%u", cell->copies);
        board_cell_write(&state, message, holder);
        buf_add_text(drawing->out, "<g><title>");
        buf_format(drawing->out, "%s ", buf_text(&name));
        xml_add(drawing->out, slice_of(message->title), 60);
        buf_add_text(drawing->out, ": ");
        xml_add(drawing->out, buf_slice(&state), 20);
        buf_add_text(drawing->out, "</title>");
        unsigned across = count % TILES_A_ROW, down = count / TILES_A_ROW;
        tile_draw(drawing, x - TILES_A_ROW * (TILE + 2) / 2 + across * (TILE + 2), y + down * 22,
                  cell->header_only ? "head" : cell->flags & FLAG_SEEN ? "full" : "full new",
                  buf_slice(&name));
        buf_add_text(drawing->out, "</g>");
        count++;
        buf_free(&name);
        buf_free(&state);
    }
    if (count == 0)
        buf_format(drawing->out,
                   "<text class=\"small soft\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">"
                   "no message</text>",
                   x, y + 11);
    return count ? (count + TILES_A_ROW - 1) / TILES_A_ROW : 1;
}

struct inventory {
    struct drawing *drawing;
    unsigned y, rows;                /* of the servers', which share lifelines */
};

static bool person_draw(void *context, const struct user *user)
{
    struct inventory *inventory = context;
    struct drawing *drawing = inventory->drawing;
    const struct picture *picture = drawing->picture;
    struct board board;
    unsigned rows = 0;
    slice person = picture->of->person;
    if (person.len && !slice_is(person, user->address))
        return true;
    board_gather(&board, picture->of->world, user, SLICE_EMPTY, true);
    for (size_t i = 0; i < picture->line_count; i++) {
        const struct lifeline *line = &picture->lines[i];
        for (size_t holder = 1; holder < board.holders; holder++)
            if (board.devices[holder]->host == line->host) {
                unsigned used = holder_draw(drawing, &board, holder, line->x, inventory->y);
                rows = used > rows ? used : rows;
            }
        if (!line->is_device && slice_is(slice_of(user->host), line->name)) {
            unsigned y = inventory->y + inventory->rows * 22;
            slice at = slice_of(user->address), name = take_until(&at, '@');
            buf_format(drawing->out, "<text class=\"small\" x=\"%u\" y=\"%u\" text-anchor=\"end\">",
                       line->x - TILES_A_ROW * (TILE + 2) / 2 - 4, y + 11);
            xml_add(drawing->out, name, 12);
            buf_add_text(drawing->out, "</text>");
            inventory->rows += holder_draw(drawing, &board, 0, line->x, y);
        }
    }
    board_free(&board);
    inventory->rows = inventory->rows > rows ? inventory->rows : rows;
    return true;
}

unsigned inventory_draw(struct drawing *drawing, unsigned y)
{
    struct inventory inventory = { drawing, y + 8, 0 };
    const struct picture *picture = drawing->picture;
    if (picture->line_count == 0)
        return 0;
    buf_format(drawing->out, "<g role=\"row\"><g role=\"cell\" aria-label=\"messages at the end\">"
               "<path class=\"rule\" d=\"M%u %uH%u\"/>\n", picture->lines[0].x - LINE_LEFT, y,
               picture->lines[picture->line_count - 1].x + 116);
    store_users(picture->of->world->store, person_draw, &inventory);
    buf_add_text(drawing->out, "</g></g>\n");
    return inventory.rows * 22 + 16;
}
