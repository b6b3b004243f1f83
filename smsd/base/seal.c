/* seal - see seal.h. */
#include "base/seal.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

int seal_read_key(const char *file, struct seal *out_r, struct err *err)
{
	char hex[2 * SEAL_KEY + 2];
	struct stat st;
	size_t n;
	FILE *in = fopen(file, "r");

	if (!in)
		return err_set(err, ERR_INPUT, "%s: %s (make a key: smsctl db key %s)", file, strerror(errno), file);
	if (fstat(fileno(in), &st) == 0 && (st.st_mode & 077)) {
		fclose(in);
		return err_set(err, ERR_INPUT, "%s: others may read it (chmod 600 %s)", file, file);
	}
	n = fread(hex, 1, sizeof(hex), in);
	fclose(in);
	if (n < 2 * SEAL_KEY ||
	    sodium_hex2bin(out_r->key, SEAL_KEY, hex, 2 * SEAL_KEY, NULL, &n, NULL) != 0 || n != SEAL_KEY)
		return err_set(err, ERR_INPUT, "%s: not 64 hex digits (make a key: smsctl db key FILE)", file);
	return 0;
}

struct str seal_close(const struct seal *seal, struct arena *arena, struct str plain)
{
	size_t n = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.len;
	unsigned char *out = arena_alloc(arena, n);

	randombytes_buf(out, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, (const unsigned char *)plain.ptr, plain.len,
			      out, seal->key);
	return str_n((char *)out, n);
}

void seal_hash(const struct seal *seal, struct str plain, unsigned char out[SEAL_HASH])
{
	crypto_generichash(out, SEAL_HASH, (const unsigned char *)plain.ptr, plain.len, seal->key, SEAL_KEY);
}

int seal_open(const struct seal *seal, struct arena *arena, struct str sealed, struct str *plain_r,
	      struct err *err)
{
	const unsigned char *in = (const unsigned char *)sealed.ptr;
	size_t head = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;

	if (sealed.len < head)
		return err_set(err, ERR_PERM, "sealed text is too short");
	char *out = arena_alloc(arena, sealed.len - head + 1);
	if (crypto_secretbox_open_easy((unsigned char *)out, in + crypto_secretbox_NONCEBYTES,
				       sealed.len - crypto_secretbox_NONCEBYTES, in, seal->key) != 0)
		return err_set(err, ERR_PERM, "sealed text does not open (another key?)");
	*plain_r = str_n(out, sealed.len - head);
	return 0;
}
