/* export.c: `pennypost export FILE --svg|--html|--mermaid|--json -o OUT`: plays a script, or a
   story with several settings, and writes down what happened as a picture or as a trace. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/contrast.h"
#include "repl/repl.h"
#include "repl/terminal.h"
#include "sim/language/build.h"
#include "sim/language/script.h"
#include "views/json.h"
#include "views/picture.h"

typedef void write_picture(struct buf *, const struct picture_world *, size_t count,
                           const struct picture_page *);

static write_picture *const writers[] = {
    [EXPORT_SVG] = picture_svg, [EXPORT_HTML] = picture_html, [EXPORT_MERMAID] = picture_mermaid,
};

static bool output_write(const char *path, slice octets)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
    bool ok = file && terminal_octets(file, octets);
    ok = file && (file == stdout ? fflush(file) : fclose(file)) == 0 && ok;
    if (!ok)
        terminal_error("%s can't be written: %s", path, strerror(errno));
    return ok;
}

static enum exit_code picture_write(const struct export_options *wanted,
                                    const struct picture_world *worlds, size_t count,
                                    const struct picture_page *page)
{
    struct buf out = BUF_MAX(PICTURE_BYTES_MAX);
    writers[wanted->format](&out, worlds, count, page);
    bool ok = !out.full && output_write(wanted->output, buf_slice(&out));
    if (out.full)
        terminal_error("that is more than a picture can hold");
    buf_free(&out);
    return ok ? EXIT_GOOD : EXIT_TROUBLE;
}

static enum exit_code trace_write(const struct export_options *wanted, struct repl *repl)
{
    struct buf out = BUF_MAX(1u << 30);
    const struct trace *trace = repl->world->trace;
    conns_read(&repl->front.conns, trace);
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++)
        json_record(&out, repl->world, &repl->front.conns, trace_at(trace, number));
    bool ok = output_write(wanted->output, buf_slice(&out));
    buf_free(&out);
    return ok ? EXIT_GOOD : EXIT_TROUBLE;
}

/* --- a script ------------------------------------------------------------------------------ */

enum exit_code export_script(struct repl *repl, const struct export_options *wanted,
                             const char *name)
{
    struct error why = { "" };
    if (!world_finish(repl->world, &why)) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    if (wanted->format == EXPORT_JSON) {
        opening_trace_end(repl, repl->world->script->check_failed ? EXIT_CHECK : EXIT_GOOD);
        return trace_write(wanted, repl);
    }
    struct picture_world world = { .world = repl->world };
    const char *slash = strrchr(name, '/');
    struct picture_page page = { .title = slice_of(slash ? slash + 1 : name) };
    return picture_write(wanted, &world, 1, &page);
}

/* --- a story ------------------------------------------------------------------------------- */

enum exit_code export_contrast(const struct contrast *contrast, const struct export_options *wanted)
{
    const struct story *story = contrast->story;
    struct picture_world worlds[STORY_VARIANTS_MAX];
    uint64_t steps[STORY_VARIANTS_MAX][STORY_STEPS_MAX];
    const char *titles[STORY_STEPS_MAX];
    struct buf titles_of[STORY_VARIANTS_MAX];
    for (size_t k = 0; k < story->step_count; k++)
        titles[k] = story->steps[k].title;
    for (size_t i = 0; i < contrast->variant_count; i++) {
        const struct variant *variant = contrast->variants[i];
        for (size_t k = 0; k < story->step_count; k++)
            steps[i][k] = variant->frames[k].trace_end;
        titles_of[i] = BUF_MAX(128);
        variant_title(&titles_of[i], slice_of(variant->name));
        worlds[i] = (struct picture_world){
            .name = buf_slice(&titles_of[i]), .world = variant->world, .steps = steps[i],
            .titles = titles, .step_count = story->step_count, .person = slice_of(story->person) };
    }
    struct buf figures = BUF_MAX(PICTURE_BYTES_MAX), answer = BUF_MAX(4u << 20);
    if (wanted->format == EXPORT_HTML) {
        contrast_answer_html(&answer, contrast);
        contrast_steps_html(&figures, contrast);
    }
    struct picture_page page = { slice_of(story->title[0] ? story->title : story->name),
                                 buf_slice(&answer), buf_slice(&figures) };
    enum exit_code result = picture_write(wanted, worlds, contrast->variant_count, &page);
    buf_free(&figures);
    buf_free(&answer);
    for (size_t i = 0; i < contrast->variant_count; i++)
        buf_free(&titles_of[i]);
    return result;
}
