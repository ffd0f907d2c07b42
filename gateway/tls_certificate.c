/* tls_certificate.c: makes a self-signed certificate, for those who brought none. */
#include "gateway/tls_private.h"

#ifdef HAVE_OPENSSL

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#define VALID_SECONDS (825L * 24 * 3600)   /* some clients take none that is valid longer */
#define EARLY_SECONDS (24L * 3600)         /* for clocks that are behind */
#define PATH_BYTES_MAX 4200

static bool extension_add(X509 *certificate, int what, const char *text)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, what, text);
    bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/* Only what may stand in a host's name: the text below is a list with commas. */
static bool name_is_plain(slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_alnum((unsigned char)name.at[i]) && name.at[i] != '-' && name.at[i] != '.')
            return false;
    return name.len > 0 && name.len <= 255;
}

static bool names_add(X509 *certificate, slice host)
{
    char names[400];
    snprintf(names, sizeof names, "DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1%s%.*s",
             name_is_plain(host) ? ",DNS:" : "", name_is_plain(host) ? (int)host.len : 0, host.at);
    return extension_add(certificate, NID_subject_alt_name, names) &&
           extension_add(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           extension_add(certificate, NID_ext_key_usage, "serverAuth");
}

static bool serial_set(X509 *certificate)
{
    unsigned char octets[16];
    BIGNUM *number = RAND_bytes(octets, sizeof octets) == 1
                         ? BN_bin2bn(octets, sizeof octets, NULL)
                         : NULL;
    bool set = number && BN_set_bit(number, 8 * sizeof octets - 2) == 1 &&
               BN_clear_bit(number, 8 * sizeof octets - 1) == 1 &&
               BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return set;
}

static X509 *certificate_make(EVP_PKEY *key, slice host)
{
    X509 *certificate = X509_new();
    if (!certificate)
        return NULL;
    X509_NAME *name = X509_get_subject_name(certificate);
    bool made = X509_set_version(certificate, 2) == 1 && serial_set(certificate) &&
                X509_gmtime_adj(X509_getm_notBefore(certificate), -EARLY_SECONDS) &&
                X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_SECONDS - EARLY_SECONDS) &&
                X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                           (const unsigned char *)"Pennypost on this machine", -1,
                                           -1, 0) == 1 &&
                X509_set_issuer_name(certificate, name) == 1 &&
                X509_set_pubkey(certificate, key) == 1 && names_add(certificate, host) &&
                X509_sign(certificate, key, EVP_sha256()) > 0;
    if (made)
        return certificate;
    X509_free(certificate);
    return NULL;
}

/* Both, or neither: why. */
static bool pair_make(slice host, EVP_PKEY **key, X509 **certificate, struct error *why)
{
    *key = EVP_EC_gen("P-256");
    *certificate = *key ? certificate_make(*key, host) : NULL;
    if (*certificate)
        return true;
    EVP_PKEY_free(*key);
    return tls_error(why, "no certificate can be made");
}

struct tls_server *tls_server_new_unkept(slice host, struct error *why)
{
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    if (!pair_make(host, &key, &certificate, why))
        return NULL;
    struct tls_server *server = tls_server_of(key, certificate);
    if (!server)
        tls_error(why, "the certificate that was made cannot be used");
    X509_free(certificate);
    EVP_PKEY_free(key);
    return server;
}

/* --- files ---------------------------------------------------------------------------------- */

/* Written beside, then put in its place: half a file is never seen. */
static bool file_write(const char *path, BIO *text, mode_t mode, struct error *why)
{
    char beside[PATH_BYTES_MAX];
    char *at = NULL;
    long len = BIO_get_mem_data(text, &at);
    if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
        return error_set(why, "%.200s… is too long a name", path);
    unlink(beside);
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool written = fd >= 0 && len > 0 && write(fd, at, (size_t)len) == (ssize_t)len &&
                   fsync(fd) == 0;
    int reason = errno;
    if (fd >= 0)
        close(fd);
    if (written && rename(beside, path) == 0)
        return true;
    reason = written ? errno : reason;
    unlink(beside);
    return error_set(why, "%s cannot be written: %s", path, strerror(reason));
}

bool tls_files_make(const char *cert_path, const char *key_path, slice host, struct error *why)
{
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    if (!pair_make(host, &key, &certificate, why))
        return false;
    BIO *key_text = BIO_new(BIO_s_mem()), *cert_text = BIO_new(BIO_s_mem());
    bool made = key_text && cert_text &&
                PEM_write_bio_PKCS8PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                PEM_write_bio_X509(cert_text, certificate) == 1;
    if (!made)
        tls_error(why, "no certificate can be made");
    made = made && file_write(key_path, key_text, 0600, why) &&
           file_write(cert_path, cert_text, 0644, why);
    BIO_free(key_text);
    BIO_free(cert_text);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return made;
}

#endif
