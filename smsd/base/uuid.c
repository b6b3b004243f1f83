/* uuid - see uuid.h. */
#include "base/uuid.h"

#include <sodium.h>
#include <time.h>

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool dash_at(unsigned i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

int uuid_parse(struct str text, struct uuid *out_r, struct err *err)
{
	unsigned n = 0;

	if (text.len != UUID_TEXT)
		return err_set(err, ERR_INPUT, "a UUID has 36 characters, not %zu", text.len);
	for (unsigned i = 0; i < UUID_TEXT; i++) {
		if (dash_at(i)) {
			if (text.ptr[i] != '-')
				return err_set(err, ERR_INPUT, "not a UUID: dash missing");
			continue;
		}
		int high = hex(text.ptr[i]), low = hex(text.ptr[i + 1]);
		if (high < 0 || low < 0)
			return err_set(err, ERR_INPUT, "not a UUID: no hex digit");
		out_r->octet[n++] = high << 4 | low;
		i++;
	}
	return 0;
}

void uuid_format(const struct uuid *uuid, char out[UUID_TEXT + 1])
{
	static const char digit[] = "0123456789abcdef";
	char *p = out;

	for (unsigned i = 0; i < 16; i++) {
		if (dash_at(p - out))
			*p++ = '-';
		*p++ = digit[uuid->octet[i] >> 4];
		*p++ = digit[uuid->octet[i] & 15];
	}
	*p = '\0';
}

static void mark(struct uuid *uuid, unsigned version)
{
	uuid->octet[6] = (uuid->octet[6] & 0x0f) | version << 4;
	uuid->octet[8] = (uuid->octet[8] & 0x3f) | 0x80;
}

struct uuid uuid_v7(void)
{
	struct timespec now;
	struct uuid uuid;

	clock_gettime(CLOCK_REALTIME, &now);
	randombytes_buf(uuid.octet, sizeof(uuid.octet));
	uint64_t ms = (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	for (int i = 5; i >= 0; i--, ms >>= 8)
		uuid.octet[i] = ms & 0xff;
	mark(&uuid, 7);
	return uuid;
}

struct uuid uuid_derive(const struct uuid *parent, uint32_t number)
{
	uint8_t in[20];
	struct uuid uuid;

	memcpy(in, parent->octet, 16);
	for (unsigned i = 0; i < 4; i++)
		in[16 + i] = number >> (8 * i) & 0xff;
	crypto_generichash(uuid.octet, sizeof(uuid.octet), in, sizeof(in), NULL, 0);
	mark(&uuid, 8);
	return uuid;
}
