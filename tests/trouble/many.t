#!/usr/bin/perl
# Texts of one batch with the same command are one statement: each gets its own rows, none, or as many as the command
# may have; a NULL stays one.  When it fails for one of them, all are run one by one: he alone is parked, and the next ones
# share a statement again ten seconds later.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

use constant { TEXTS => 24, ROWS => 20 };

my $hall = Trouble::hall(env => { SMSD_DB_CONNECTIONS => 1, SMSD_BATCH_MAX => 64 });
ok($hall->ready, 'the hall is ready');
$hall->apply(
	'look.yaml' => Trouble::table(name => 'look', say => 'LOOK {n}', args => '{n: {is: number}}',
		sql => q{SELECT 'ok' AS outcome, g AS k, NULLIF(g, 2) AS v, :msisdn AS who FROM generate_series(1, 60 / (CAST(:n AS integer) - 77) * 0 + CAST(:n AS integer)) AS g},
		reply => 'has{{#rows}} {{k}}={{v}}{{/rows}} of {{who}}', example => 'LOOK 1'),
	'keep.yaml' => Trouble::table(name => 'keep', say => 'KEEP {n}', args => '{n: {is: number}}', risk => 'change',
		sql => q{SELECT 'ok' AS outcome, CAST(:n AS integer) * 2 AS q}, reply => 'kept {{q}}', example => 'KEEP 5'));

# A lock that every batch needs lets a batch gather behind the one that waits.
my $blocker = Trouble::Session->new($hall);
my $line = $hall->ear('*');

sub together {
	my ($first, @text) = @_;
	my $taken = $hall->metrics->{smsd_mo_total};
	$blocker->do('BEGIN; LOCK TABLE hall.mo IN ACCESS EXCLUSIVE MODE');
	$line->send_text($first + 999, '10086', 'LOOK 1');
	$hall->wait_until(30, sub { $hall->metrics->{smsd_mo_total} > $taken }) or die "the text does not come\n";
	$line->send_text($first + $_, '10086', $text[$_]) for 0 .. $#text;
	$hall->wait_until(30, sub { $hall->metrics->{smsd_mo_total} > $taken + @text }) or die "the texts do not come\n";
	$blocker->do('COMMIT');
	my %got;
	while (keys %got < @text + 1 and defined(my $l = $line->next(20))) {
		my $mt = $line->parse_mt($l) or next;
		push @{$got{$mt->{to} - $first}}, $mt->{text};
	}
	return map { join ' | ', @{$got{$_} // ['nothing']} } 0 .. $#text;
}

sub rows {
	my ($who, $n) = @_;
	return '-' if $n == 0;
	return 'has' . join('', map { " $_=" . ($_ == 2 ? '' : $_) } 1 .. ($n < ROWS ? $n : ROWS)) . " of $who";
}

sub failed_together { return scalar grep { /event=batch_again .*for one of several texts/ } split /\n/, $hall->log('smsd') }

my $first = 13600000000;
my @n = map { ($_ * 7) % TEXTS } 0 .. TEXTS - 1;
my @answers = together($first, map { "LOOK $_" } @n);
is_deeply(\@answers, [ map { rows($first + $_, $n[$_]) } 0 .. TEXTS - 1 ], 'each of ' . TEXTS . ' texts has its own rows, up to ' . ROWS);
is(failed_together(), 0, '… and nothing was run again');

$first += 1000;
@answers = together($first, map { $_ % 2 ? "KEEP $_" : "LOOK $_" } 0 .. TEXTS - 1);
is_deeply(\@answers, [ map { $_ % 2 ? 'kept ' . 2 * $_ : rows($first + $_, $_) } 0 .. TEXTS - 1 ], 'changes among queries have their own too');

$first += 1000;
@answers = together($first, map { 'LOOK ' . ($_ == 5 ? 77 : $_) } 0 .. TEXTS - 1);
like(splice(@answers, 5, 1), qr/^抱歉，系统出了故障/, 'one that fails gets an apology');
is_deeply(\@answers, [ map { rows($first + $_, $_) } grep { $_ != 5 } 0 .. TEXTS - 1 ], '… and all others their answers');
is(failed_together(), 1, '… though they had shared a statement');
is(scalar $hall->sql('SELECT count(*) FROM hall.parked'), 1, '… only it is parked');

$first += 1000;
@answers = together($first, map { 'LOOK ' . ($_ == 9 ? 77 : $_) } 0 .. TEXTS - 1);
like($answers[9], qr/^抱歉，系统出了故障/, 'the next one that fails');
is(failed_together(), 1, '… ran by itself');

sleep 11;
$first += 1000;
@answers = together($first, map { 'LOOK ' . ($_ == 0 ? 77 : $_) } 0 .. TEXTS - 1);
like($answers[0], qr/^抱歉，系统出了故障/, 'ten seconds later');
is(failed_together(), 2, '… they shared a statement again');
Trouble::audit($hall);
done_testing;
