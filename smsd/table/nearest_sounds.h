/* nearest_sounds - how Chinese characters are read, without tones (Unihan: kHanyuPinlu, kXHC1983,
 * kMandarin).  The table is made by generate_pinyin when the hall is built.  Pure. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { PINYIN_FIRST = 0x4E00, PINYIN_LAST = 0x9FFF };

struct reading {	/* numbers of syllables, the usual one first; 0: none */
	uint16_t first, second;
};

extern const char *const pinyin_syllable[];	/* "CHA", by number */
extern const uint16_t pinyin_blurred[];		/* equal for what is confused: zh z, l n, -ng -n */
extern const struct reading pinyin_reading[PINYIN_LAST - PINYIN_FIRST + 1];

static inline struct reading nearest_reading(unsigned c)
{
	return c >= PINYIN_FIRST && c <= PINYIN_LAST ? pinyin_reading[c - PINYIN_FIRST] :
						       (struct reading){ 0, 0 };
}
