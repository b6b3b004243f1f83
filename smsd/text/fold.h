/* fold - what a text means, whatever way it was typed: the form that wordings
 * are compared in.  The raw text is kept elsewhere, for people.
 *
 * Folding: NFKC (full-width to half-width), case to upper, Traditional to
 * Simplified, zero-width characters and BOM removed, every run of white space,
 * control characters, punctuation and separators ( # * + , . - _ : ; ! ? / \ | ~
 * quotes, brackets, their Chinese and full-width kin, U+3000 … ) becomes one
 * space, none at either end.  Symbols that mean something by themselves are
 * kept: letters, digits, Han, currency signs, emoji (without skin tone and keycap).
 * A text of nothing but question marks folds to "?", because it asks for help.
 * Pure; safe in threads after fold_init(). */
#pragma once
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* Loads OpenCC's t2s conversion for each Han character once.  Fails with
 * ERR_PERM where OpenCC's data is missing. */
MUST_CHECK int fold_init(struct err *err);

/* Whether the bytes are well-formed UTF-8 without NUL (RFC 3629). */
bool fold_utf8_ok(struct str text);

/* Makes bytes that are not UTF-8 presentable: each bad byte becomes U+FFFD, NUL too. */
struct str fold_utf8_mend(struct arena *arena, struct str text);

/* text must be UTF-8.  The result lives in the arena. */
struct str fold_text(struct arena *arena, struct str text);

/* The same without its spaces: the form that fixed wordings are hashed in. */
struct str fold_squeeze(struct arena *arena, struct str folded);

/* Digits that were meant: in a run that holds at least one digit and otherwise
 * only digits and the letters O, I, L (upper case, already folded), O becomes 0,
 * and I and L become 1; a run of at least three O alone becomes zeros.  Used as
 * a second try when a text did not match as it was.  Equal length. */
struct str fold_digits(struct arena *arena, struct str folded);

/* Hides what may be a secret or a number in a text that no command claimed: of each run of at
 * least 6 digits (separators between them allowed) all but the first three become '*'; O, I and
 * L glued between digits count as digits. */
struct str fold_redact(struct arena *arena, struct str text);
