/* files.c: see files.h. */
#include "front/files.h"

#include <string.h>

#include "base/words.h"
#include "sim/language/script.h"

#define IMPORT_FILE_MAX (4u << 20) /* its octets, escaped, are one line of a script */
#define PATH_BYTES_MAX 4096

/* "mail import messages.mbox Archive": is it that line, and which file? */
static bool import_path(const struct world *world, slice line, char *path, slice *rest)
{
    slice words = line;
    if (!script_line_is_command(world, line))
        return false;
    take_char(&words, ':');
    if (!slice_is(take_word(&words), "mail") || !slice_is(take_word(&words), "import"))
        return false;
    slice name = take_word(&words);
    *rest = slice_trim(words);
    if (!name.len || slice_starts(name, "\"") || name.len >= PATH_BYTES_MAX)
        return false;
    memcpy(path, name.at, name.len);
    path[name.len] = '\0';
    return true;
}

bool files_line(const struct world *world, slice line, file_reader *read, struct buf *expanded,
                struct error *why)
{
    char path[PATH_BYTES_MAX];
    struct buf octets = BUF_MAX(IMPORT_FILE_MAX);
    slice rest = SLICE_EMPTY;
    if (!import_path(world, line, path, &rest))
        return buf_add(expanded, line);
    bool ok = read(path, &octets, why);
    if (ok) {
        buf_add_text(expanded, slice_starts(line, ":") ? ":mail import \"" : "mail import \"");
        quoted_add(expanded, buf_slice(&octets));
        buf_format(expanded, "\" %.*s", SLICE_ARG(rest));
        ok = !expanded->full || error_set(why, "%s is larger than one line can hold", path);
    }
    buf_free(&octets);
    return ok;
}
