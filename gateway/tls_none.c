/* tls_none.c: tls.h where OpenSSL is not: nobody gets a tls_server, so nothing else is called. */
#include "gateway/tls.h"

#ifndef HAVE_OPENSSL

static bool not_here(struct error *why)
{
    return error_set(why, "this pennypost was built without TLS: install libssl-dev and build it "
                          "again");
}

bool tls_is_built_in(void) { return false; }
struct tls_server *tls_server_new(const char *cert_path, const char *key_path, struct error *why)
{
    (void)cert_path;
    (void)key_path;
    not_here(why);
    return NULL;
}
struct tls_server *tls_server_new_unkept(slice host, struct error *why)
{
    (void)host;
    not_here(why);
    return NULL;
}
void tls_server_free(struct tls_server *server) { must(server == NULL); }
bool tls_server_fits(const struct tls_server *server, const char *host)
{
    (void)server;
    (void)host;
    return false;
}
bool tls_files_make(const char *cert_path, const char *key_path, slice host, struct error *why)
{
    (void)cert_path;
    (void)key_path;
    (void)host;
    return not_here(why);
}
struct tls *tls_new(struct tls_server *server)
{
    (void)server;
    return NULL;
}
void tls_free(struct tls *tls) { must(tls == NULL); }
size_t tls_bytes(const struct tls *tls)
{
    (void)tls;
    return 0;
}
void tls_heard(struct tls *tls, slice octets)
{
    (void)tls;
    (void)octets;
}
size_t tls_read(struct tls *tls, char *to, size_t max)
{
    (void)tls;
    (void)to;
    (void)max;
    return 0;
}
size_t tls_write(struct tls *tls, slice octets)
{
    (void)tls;
    (void)octets;
    return 0;
}
void tls_finish(struct tls *tls) { (void)tls; }
slice tls_to_send(const struct tls *tls)
{
    (void)tls;
    return SLICE_EMPTY;
}
void tls_sent(struct tls *tls, size_t octets)
{
    (void)tls;
    (void)octets;
}
bool tls_is_ready(const struct tls *tls)
{
    (void)tls;
    return false;
}
bool tls_peer_finished(const struct tls *tls)
{
    (void)tls;
    return false;
}
bool tls_news(struct tls *tls, bool *done, slice *words)
{
    (void)tls;
    (void)done;
    (void)words;
    return false;
}
void tls_left(struct tls *tls) { (void)tls; }
bool tls_has_failed(const struct tls *tls)
{
    (void)tls;
    return true;
}

#endif
