#!/usr/bin/perl
# The SMSC delivers each text twice, so that they have two ids: what took effect takes it once and is answered twice, in
# the same words; within the command's window, up to its edge and over midnight, and not after it.  A refusal is no
# effect, and what was undone may be done again.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

use constant { TEXTS => Trouble::LONG ? 20000 : 1000, WINDOW => 60 };

my $fake = defined Trouble::faketime();
my $hall = Trouble::hall(up => 0);
my $clock;
if ($fake) {
	$clock = Trouble::clock($hall, Trouble::bearerbox());
	$hall->{env}{BEARERBOX} = "$clock.sh";
}
$hall->up;
ok($hall->ready, 'the hall is ready');
$hall->sql('CREATE TABLE bss.present (msisdn text PRIMARY KEY, n integer NOT NULL)');
Trouble::api($hall, 'present(p_msisdn text)', 'integer', q{
	DECLARE r integer;
	BEGIN
		INSERT INTO bss.present AS g VALUES (p_msisdn, 1) ON CONFLICT (msisdn) DO UPDATE SET n = g.n + 1 RETURNING n INTO r;
		RETURN r;
	END });
$hall->apply('gift.yaml' => Trouble::table(name => 'gift', say => 'GIFT', risk => 'charge',
	sql => q{SELECT 'ok' AS outcome, hall_api.present(:msisdn) AS n}, reply => 'gift {{n}}', example => 'GIFT', more => ['repeat_window: ' . WINDOW . 's']));

# ---- all kinds of texts, each twice

my $line = $hall->new_line;
$line->send('DUP on');
$line->expect(qr/^OK/, 5);
my $load = Trouble::load($hall, texts => TEXTS, rate => 400, settle => 3);
my $log = $load->finish(60);
$line->send('DUP off');
my $mine = "msisdn LIKE '131%'";
is($log->answered, TEXTS, 'every text has an answer');
is($log->repeated, TEXTS, '… and so has every repeat');
is(scalar $hall->sql("SELECT count(*) FROM hall.mo WHERE $mine"), 2 * TEXTS, 'there are two rows a text, under two ids');
my %differ;
for my $text (@{$log->{sent}}) {
	my @answer = map { $_->[1] } @{$log->{answers}{$text->[0]} // []};
	$differ{(split ' ', $text->[1])[0]}++ unless @answer == 2 && $answer[0] eq $answer[1];
}
# A change may say "already done", a query may carry another tip; a charge may not.
delete @differ{qw(BM YE)};
is_deeply(\%differ, {}, 'and money the same answer twice');
my $fifth = TEXTS / 5;
is(scalar $hall->sql("SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM bss.payment WHERE kind = 'voucher' AND $mine"),
	"$fifth $fifth", 'each voucher was redeemed once');
is(scalar $hall->sql("SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM bss.payment WHERE kind = 'service' AND $mine"),
	"$fifth $fifth", 'each service was charged once');
is(scalar $hall->sql("SELECT count(*) FROM bss.registration WHERE event LIKE 'BENCH%' AND state = 'in' AND $mine"), $fifth,
	'each sign-up is there');
is(scalar $hall->sql("SELECT sum(taken) FROM bss.event WHERE code LIKE 'BENCH%'"), $fifth, '… and took one place');
is(scalar $hall->sql("SELECT count(*) FROM hall.mo WHERE outcome = 'repeated' AND $mine"), 2 * $fifth, 'their repeats say so');
is(scalar $hall->sql('SELECT count(*) FROM hall.parked'), 0, 'nothing was parked');
Trouble::audit($hall);
Trouble::figures('smsc_duplicates', texts => TEXTS, answered => $log->answered, effects => 3 * $fifth,
	repeated_answers => $log->repeated, recovered_s => undef);

# ---- refusals, and what was undone

my $who = '13800138001';
$hall->sql("UPDATE bss.account SET opening = opening + 100 - balance, balance = 100 WHERE msisdn = '$who'");
like($hall->answer($who, 'KT SJB'), qr/余额1元，不足/, 'a service that is too dear is refused');
$hall->sql("UPDATE bss.account SET opening = opening + 2000, balance = balance + 2000 WHERE msisdn = '$who'");
my $first = $hall->answer($who, 'KT SJB');
like($first, qr/已为您开通/, '… and is no longer once there is money');
is($hall->answer($who, 'ｋｔ　sjb。'), $first, 'the same in other letters is a repeat');
like($hall->answer($who, 'QX SJB'), qr/已为您取消/, 'switched off');
like($hall->answer($who, 'KT SJB'), qr/已为您开通/, '… it may be switched on again');
is(scalar $hall->sql("SELECT count(*) FROM bss.payment WHERE kind = 'service' AND msisdn = '$who'"), 2, '… for its price');

# ---- the window's edges, by the gateway's clock, which tells whole seconds

SKIP: {
	skip 'libfaketime is not installed (apt-get install faketime): the clock cannot be moved', 12 unless $fake;
	my $moved = 0;
	my $to = sub { Trouble::step($clock, $moved = $_[0]) };
	# All within one real second, or the seconds of the texts are not those wanted.
	my (@n, @at);
	for my $i (1 .. 8) {
		my $number = 13900000000 + $i;
		my $base = $moved;
		my $f = time - int time;
		sleep($f < 0.1 ? 0.1 - $f : 1.1 - $f);
		@n = ($hall->answer($number, 'GIFT', settle => 0));
		for my $later (0, WINDOW - 1, WINDOW, WINDOW + 1) {
			$to->($base + $later);
			push @n, $hall->answer($number, 'gift!', settle => 0);
		}
		@at = $hall->sql("SELECT extract(epoch FROM at)::bigint FROM hall.mo WHERE msisdn = '$number' ORDER BY at, batch");
		last if $at[4] - $at[0] == WINDOW + 1 && $at[3] - $at[0] == WINDOW;
	}
	is_deeply([map { $_ - $at[0] } @at], [0, 0, WINDOW - 1, WINDOW, WINDOW + 1], 'five times the same text, up to past the window')
		or diag(join ' ', @at);
	is($n[$_], 'gift 1', "number $_ of them is in the window: the first answer") for 0 .. 3;
	is($n[4], 'gift 2', '… the last one is after it: it runs again');

	# Over midnight UTC: another day's partition.
	my $midnight = 86400 * (1 + int((time + $moved) / 86400));
	my $night = sub { $to->($midnight + $_[0] - time) };
	$night->(-3);
	is($hall->answer('13900000101', 'GIFT'), 'gift 1', 'just before midnight');
	$night->(2);
	is($hall->answer('13900000101', 'GIFT'), 'gift 1', '… and just after: a repeat');
	my @day = $hall->sql(q{SELECT tableoid::regclass || ' ' || outcome FROM hall.mo WHERE msisdn = '13900000101' ORDER BY at});
	my @wanted = map { 'hall.mo_' . strftime('%Y%m%d', gmtime($midnight + $_->[0])) . " $_->[1]" } [-3, 'ok'], [2, 'repeated'];
	is_deeply(\@day, \@wanted, '… on two days');
	$night->(WINDOW + 5);
	is($hall->answer('13900000101', 'GIFT'), 'gift 2', 'and after the window it runs again');

	# An SMSC's copies may overtake each other: the repeat has the earlier time.
	$night->(WINDOW + 100);
	is($hall->answer('13900000102', 'GIFT'), 'gift 1', 'once more');
	$night->(WINDOW + 95);
	is($hall->answer('13900000102', 'GIFT'), 'gift 1', '… and its copy, which seems to be earlier');
}
done_testing;
