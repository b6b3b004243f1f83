/* msisdn - see msisdn.h. */
#include "text/msisdn.h"

enum { HOME_DIGITS = 11, ABROAD_MIN = 7, ABROAD_MAX = 15, TYPED_MAX = 20 };

struct typed {
	bool plus;
	struct str digits;
	char room[TYPED_MAX];
};

/* Keeps the digits; false when anything stands there that no number holds. */
static bool read_typed(struct str text, struct typed *typed)
{
	size_t n = 0;

	typed->plus = false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c >= '0' && c <= '9') {
			if (n == TYPED_MAX)
				return false;
			typed->room[n++] = c;
		} else if (c == '+' && !n && !typed->plus) {
			typed->plus = true;
		} else if (!c || !strchr(" -.()", c)) {
			return false;
		}
	}
	typed->digits = str_n(typed->room, n);
	return n > 0;
}

static bool is_home(struct str digits)
{
	return digits.len == HOME_DIGITS && str_digits(digits) && digits.ptr[0] == '1' &&
	       digits.ptr[1] >= '3';
}

/* The home number in what was typed; empty when it is none. */
static struct str find_home(const struct typed *typed)
{
	struct str digits = typed->digits;

	/* SMPP's TON 1 puts a + before numbers that lack their 86, and no other trace
	 * of it arrives: +13800138000 is ours. */
	if (typed->plus && is_home(digits))
		return digits;
	if (!typed->plus && str_starts(digits, STR("0086")))
		str_skip(&digits, 4);
	else if (str_starts(digits, STR("86")))
		str_skip(&digits, 2);
	else if (typed->plus)
		return str_n(NULL, 0);
	if (digits.len && digits.ptr[0] == '0')
		str_skip(&digits, 1);
	return is_home(digits) ? digits : str_n(NULL, 0);
}

/* +86 that is no mobile is a short code or a landline of ours, not a foreign number. */
static bool is_abroad(const struct typed *typed)
{
	struct str digits = typed->digits;

	return typed->plus && digits.len >= ABROAD_MIN && digits.len <= ABROAD_MAX &&
	       digits.ptr[0] != '0' && !str_starts(digits, STR("86"));
}

int msisdn_parse(struct str text, struct msisdn *out_r, struct err *err)
{
	struct typed typed;
	struct str home;

	*out_r = (struct msisdn){ 0 };
	if (!read_typed(text, &typed))
		return err_set(err, ERR_INPUT, "no subscriber number: it holds more than digits, "
			       "spaces, dashes, dots and brackets, or no digit, or too many");
	home = find_home(&typed);
	if (home.len) {
		memcpy(out_r->text, home.ptr, home.len);
		out_r->home = true;
		return 0;
	}
	if (is_abroad(&typed)) {
		out_r->text[0] = '+';
		memcpy(out_r->text + 1, typed.digits.ptr, typed.digits.len);
		return 0;
	}
	return err_set(err, ERR_INPUT, "no subscriber number: neither 11 digits that begin with "
		       "13 to 19, nor + and %d to %d digits", ABROAD_MIN, ABROAD_MAX);
}

void msisdn_mask(struct str msisdn, char out[MSISDN_MAX + 1])
{
	size_t n = msisdn.len > MSISDN_MAX ? MSISDN_MAX : msisdn.len;
	size_t head = is_home(msisdn) ? 3 : 4, tail = is_home(msisdn) ? 4 : 2;

	/* what would be shown whole is hidden whole */
	if (n <= head + tail)
		head = tail = 0;
	for (size_t i = 0; i < n; i++)
		out[i] = i < head ? msisdn.ptr[i] :
			 i >= n - tail ? msisdn.ptr[msisdn.len - n + i] : '*';
	out[n] = '\0';
}
