#!/usr/bin/perl
# `smsctl audit --since yesterday`, as a timer runs it every night: silent on stderr and 0 when the books close; 1 and one
# line with the remedy when they do not.  And it does not take for ever where no table was ever analysed.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(time);
use Trouble;

use constant { TEXTS => 500, ROWS => Trouble::LONG ? 1000000 : 100000, SECONDS => Trouble::LONG ? 120 : 20 };

my $hall = Trouble::hall(fast => 1);
ok($hall->ready, 'the hall is ready');
my $log = Trouble::load($hall, texts => TEXTS, rate => 250)->finish(30);
is($log->answered, TEXTS, 'every text has an answer');

my @audit = ('audit', '--since', 'yesterday');
my ($status, $out, $err) = $hall->smsctl(@audit);
is($status, 0, 'the books close: status 0') or diag($out);
is($err, '', '… nothing on stderr');
my ($since) = $out =~ /^since (.*)$/m;
is(scalar $hall->sql("SELECT timestamptz '$since' = (date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') - interval '1 day')
	AT TIME ZONE 'Asia/Shanghai'"), 't', 'yesterday begins at midnight in China');
is(($hall->smsctl('audit', '--since', 'tomorrow'))[0], 2, 'another word is refused');

# An answer and a payment get lost.
my $lost = Trouble::number(1);
$hall->sql("DELETE FROM hall.mt WHERE msisdn = '$lost'; DELETE FROM bss.payment WHERE msisdn = '$lost'");
($status, $out, $err) = $hall->smsctl(@audit);
is($status, 1, 'they do not: status 1');
like($err, qr/^smsctl audit: [2-9] discrepancies in [2-9] of \d+ checks \(smsctl trace NUMBER .*\)\n\z/, '… one line on stderr, with a remedy');
like($out, qr/$lost at .* has no answer/, '… and which number');

# A mark that its own batch could not yet have.
$hall->sql("BEGIN; INSERT INTO hall.sender (instance, conn, last_batch, accepted) VALUES ('wrong', 0, 77, 77);
	INSERT INTO hall.mt (msisdn, at, id, class, cause, port, receiver, text, segments, report, instance, conn, batch)
	VALUES ('13199999999', now(), gen_random_uuid(), 'service', 'reminder', '10086', 'x', 'x', 1, false, 'wrong', 0, 77); COMMIT");
like(($hall->smsctl(@audit))[1], qr/13199999999 at .*: message \S+ of smsd wrong, connection 0, was called taken by the transaction that made it/,
	'a message that cannot have been taken is found, whatever its mark says');

# As on the first day of a busy hall: much, and nothing is known of it.
my $n = ROWS;
$hall->sql(<<"END");
DO \$\$
DECLARE t regclass;
BEGIN
	FOR t IN SELECT c.oid FROM pg_class c WHERE c.relnamespace IN ('hall'::regnamespace, 'bss'::regnamespace) AND c.relkind = 'r' LOOP
		EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', t);
	END LOOP;
END \$\$;
CREATE TEMP TABLE x AS SELECT g, (15000000000 + g % 50000)::text AS who, md5('audit.t ' || g)::uuid AS id,
	date_trunc('second', now()) - interval '1 hour' + g * interval '1 ms' AS at FROM generate_series(1, $n) g;
INSERT INTO hall.mo (msisdn, at, id, port, text, folded, command, outcome, version, instance, conn, batch)
SELECT who, at, id, '10086', 'YE', 'YE', 'bills.balance', CASE WHEN g % 20 = 0 THEN 'error' ELSE 'ok' END, 1, 'old', 0, g FROM x;
INSERT INTO hall.mt (msisdn, at, id, class, cause, cause_id, port, receiver, text, segments, report, instance, conn, batch)
SELECT who, at, md5('mt ' || g)::uuid, 'reply', 'mo', id, '10086', who, 'x', 1, false, 'old', 0, g FROM x;
INSERT INTO hall.parked (id, msisdn, at, port, text, sealed, error) SELECT id, who, at, '10086', 'x', '', 'x' FROM x WHERE g % 20 = 0;
INSERT INTO hall.sender (instance, conn, last_batch, accepted) VALUES ('old', 0, $n, $n);
END
my $begin = time;
($status, $out) = $hall->smsctl(@audit);
my $took = time - $begin;
like($out, qr/each text has one answer.*\b@{[TEXTS + ROWS]}\b +1\n/, 'all of them are looked at') or diag($out);
cmp_ok($took, '<', SECONDS, 'in no time') or diag("$took s");
diag(sprintf 'audit: %d texts, never analysed, in %.1f s', TEXTS + ROWS, $took);
done_testing;
