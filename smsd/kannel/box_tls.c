/* box_tls - see box_tls.h.  OpenSSL between two memory BIOs. */
#include "kannel/box_tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

struct box_tls {
	const struct box_conf *conf;
	SSL_CTX *ctx;
	SSL *ssl;
	BIO *in, *out;		/* owned by ssl */
	bool ready;
};

/* The oldest error in the queue is the cause; the later ones only say who passed it on. */
static int fail(struct err *err, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *text = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) :
		ERR_reason_error_string(code);

	ERR_clear_error();
	return err_set(err, ERR_PERM, "%s: %s", what, text ? text : "for no reason it tells");
}

static int open_ctx(struct box_tls *tls, struct err *err)
{
	const char *ca = tls->conf->tls_ca;

	ERR_clear_error();
	tls->ctx = SSL_CTX_new(TLS_client_method());
	if (!tls->ctx)
		return fail(err, "OpenSSL cannot begin");
	SSL_CTX_set_min_proto_version(tls->ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(tls->ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(tls->ctx, SSL_MODE_RELEASE_BUFFERS);
	if (!ca)
		return 0;
	SSL_CTX_set_verify(tls->ctx, SSL_VERIFY_PEER, NULL);
	if (SSL_CTX_load_verify_locations(tls->ctx, ca, NULL) != 1) {
		fail(err, "no certificates could be read");
		return err_prefix(err, "%s", ca);
	}
	return 0;
}

static bool is_address(const char *host)
{
	ASN1_OCTET_STRING *ip = a2i_IPADDRESS(host);

	ASN1_OCTET_STRING_free(ip);
	ERR_clear_error();
	return ip != NULL;
}

static int open_ssl(struct box_tls *tls, struct err *err)
{
	const char *name = tls->conf->tls_name ? tls->conf->tls_name : tls->conf->host;

	tls->ssl = SSL_new(tls->ctx);
	tls->in = BIO_new(BIO_s_mem());
	tls->out = BIO_new(BIO_s_mem());
	if (!tls->ssl || !tls->in || !tls->out) {
		BIO_free(tls->in);
		BIO_free(tls->out);
		return fail(err, "OpenSSL cannot begin");
	}
	SSL_set_bio(tls->ssl, tls->in, tls->out);
	SSL_set_connect_state(tls->ssl);
	if (!is_address(name))
		SSL_set_tlsext_host_name(tls->ssl, name);
	return 0;
}

int box_tls_new(const struct box_conf *conf, struct box_tls **tls_r, struct err *err)
{
	struct box_tls *tls = mem_alloc(sizeof(*tls));

	tls->conf = conf;
	if (open_ctx(tls, err) < 0 || open_ssl(tls, err) < 0) {
		box_tls_free(&tls);
		return -1;
	}
	*tls_r = tls;
	return 0;
}

void box_tls_free(struct box_tls **tls)
{
	if (!*tls)
		return;
	SSL_free((*tls)->ssl);
	SSL_CTX_free((*tls)->ctx);
	free(*tls);
	*tls = NULL;
}

bool box_tls_ready(const struct box_tls *tls)
{
	return tls->ready;
}

static int check_name(struct box_tls *tls, struct err *err)
{
	const char *name = tls->conf->tls_name;
	X509 *peer = SSL_get0_peer_certificate(tls->ssl);

	if (!name)
		return 0;
	if (peer && (X509_check_host(peer, name, 0, 0, NULL) == 1 ||
		     X509_check_ip_asc(peer, name, 0) == 1))
		return 0;
	return err_set(err, ERR_PERM, "the certificate is not for the name %s: "
		       "correct tls_name or ssl-server-cert-file", name);
}

static int fail_handshake(struct box_tls *tls, struct err *err)
{
	long verdict = SSL_get_verify_result(tls->ssl);

	if (tls->conf->tls_ca && verdict != X509_V_OK) {
		ERR_clear_error();
		return err_set(err, ERR_PERM, "the certificate is not trusted by %s: %s",
			       tls->conf->tls_ca, X509_verify_cert_error_string(verdict));
	}
	return fail(err, "the TLS handshake failed");
}

/* 1 when over, 0 when it waits for the peer, else -1. */
static int shake(struct box_tls *tls, struct err *err)
{
	ERR_clear_error();
	int rc = SSL_do_handshake(tls->ssl);

	if (rc != 1)
		return SSL_get_error(tls->ssl, rc) == SSL_ERROR_WANT_READ ?
			0 : fail_handshake(tls, err);
	if (check_name(tls, err) < 0)
		return -1;
	tls->ready = true;
	return 1;
}

static int open_records(struct box_tls *tls, struct buf *plain, struct err *err)
{
	enum { RECORD = 16384 };

	for (;;) {
		buf_room(plain, RECORD);
		ERR_clear_error();
		int n = SSL_read(tls->ssl, plain->ptr + plain->len, RECORD);

		if (n > 0) {
			plain->len += (size_t)n;
			continue;
		}
		switch (SSL_get_error(tls->ssl, n)) {
		case SSL_ERROR_WANT_READ:
			return 1;
		case SSL_ERROR_ZERO_RETURN:
			return 0;
		default:
			return fail(err, "the TLS session broke");
		}
	}
}

int box_tls_feed(struct box_tls *tls, struct str cipher, struct buf *plain, struct err *err)
{
	if (cipher.len > INT_MAX)
		return err_set(err, ERR_PERM, "%zu octets at once for TLS", cipher.len);
	if (cipher.len && BIO_write(tls->in, cipher.ptr, (int)cipher.len) != (int)cipher.len)
		return fail(err, "OpenSSL took no more");
	if (!tls->ready) {
		int rc = shake(tls, err);

		if (rc < 1)
			return rc < 0 ? -1 : 1;
	}
	return open_records(tls, plain, err);
}

int box_tls_seal(struct box_tls *tls, struct str plain, struct err *err)
{
	while (plain.len) {
		size_t n = 0;

		ERR_clear_error();
		if (SSL_write_ex(tls->ssl, plain.ptr, plain.len, &n) != 1)
			return fail(err, "TLS could not encipher");
		str_skip(&plain, n);
	}
	return 0;
}

void box_tls_end(struct box_tls *tls)
{
	if (tls->ready)
		SSL_shutdown(tls->ssl);
	ERR_clear_error();
}

void box_tls_collect(struct box_tls *tls, struct buf *out)
{
	char *bytes;
	long n = BIO_get_mem_data(tls->out, &bytes);

	if (n <= 0)
		return;
	buf_add(out, bytes, (size_t)n);
	(void)BIO_reset(tls->out);
}
