#!/usr/bin/perl
# Texts that make their command fail, at every position of a batch and one in a hundred of a flood: they are parked, with
# an apology; all others are answered, and each subscriber's in the order in which he texted.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

use constant { BATCH => Trouble::LONG ? 64 : 16, FLOOD => Trouble::LONG ? 30000 : 3000, OFTEN => 100 };
use constant APOLOGY => qr/^抱歉，系统出了故障/;

my $hall = Trouble::hall(env => { SMSD_DB_CONNECTIONS => 1, SMSD_BATCH_MAX => BATCH });
ok($hall->ready, 'the hall is ready');
$hall->apply('divide.yaml' => Trouble::table(name => 'divide', say => 'DIVIDE {n}', args => '{n: {is: number}}',
	sql => q{SELECT 'ok' AS outcome, 100 / CAST(:n AS integer) AS q}, reply => 'makes {{q}}', example => 'DIVIDE 5'));

# ---- at each position.  A lock that every batch needs lets a batch gather behind the one that waits.

my $blocker = Trouble::Session->new($hall);
my $line = $hall->ear('*');
my ($whole, $bad) = (0, 0);
for my $position (0 .. BATCH - 1) {
	my $first = 13600000000 + $position * 1000;
	my $taken = $hall->metrics->{smsd_mo_total};
	$blocker->do('BEGIN; LOCK TABLE hall.mo IN ACCESS EXCLUSIVE MODE');
	$line->send_text($first + 999, '10086', 'DIVIDE 1');
	$hall->wait_until(30, sub { $hall->metrics->{smsd_mo_total} > $taken }) or die "the text does not come\n";
	$line->send_text($first + $_, '10086', 'DIVIDE ' . ($_ == $position ? 0 : $_ + 1)) for 0 .. BATCH - 1;
	$hall->wait_until(30, sub { $hall->metrics->{smsd_mo_total} > $taken + BATCH }) or die "the texts do not come\n";
	$blocker->do('COMMIT');
	my %got;
	while (keys %got < BATCH + 1 and defined(my $l = $line->next(15))) {
		my $mt = $line->parse_mt($l) or next;
		push @{$got{$mt->{to} - $first}}, $mt->{text};
	}
	for (0 .. BATCH - 1) {
		my $answer = $got{$_}[0] // '';
		$bad++ unless @{$got{$_} // []} == 1 && ($_ == $position ? $answer =~ APOLOGY : $answer eq 'makes ' . int(100 / ($_ + 1)));
	}
	my @batch = $hall->sql("SELECT count(*) FROM hall.mo WHERE msisdn BETWEEN '$first' AND '@{[$first + 998]}' AND outcome = 'ok' GROUP BY batch");
	$whole++ if @batch == 1 && $batch[0] == BATCH - 1;
	diag("position $position: batches of @batch") if @batch > 1;
}
is($bad, 0, 'a poisoned text at each of ' . BATCH . ' positions: it alone has an apology');
# A machine that stands still for a moment lets a batch begin before all of its texts have come.
cmp_ok($whole, '>=', 0.8 * BATCH, '… and the others of its batch still shared one transaction');
is(scalar $hall->sql('SELECT count(*) FROM hall.parked'), BATCH, '… each of the poisoned is parked');

# ---- one in a hundred.  Ten texts a subscriber, at once; their answers tell them apart.

my $load = Trouble::load($hall, texts => FLOOD, settle => 2, say => sub {
	my ($i) = @_;
	my $nth = $i % 10 + 1;
	return [13700000000 + int($i / 10), 'DIVIDE ' . ($i % OFTEN == int($i / OFTEN) % OFTEN ? 0 : $nth)];
});
$load->was_sent(FLOOD, 30);
$load->lifted;
my $log = $load->finish(120);
my ($poisoned, $disorder) = (0, 0);
my $of = $log->of;
for my $number (sort keys %$of) {
	my @wanted = map { $_->[1] eq 'DIVIDE 0' ? 'sorry' : 'makes ' . int(100 / ($_->[1] =~ /(\d+)/)[0]) } @{$of->{$number}};
	$poisoned += grep { $_ eq 'sorry' } @wanted;
	my @got = map { $_->[1] =~ APOLOGY ? 'sorry' : $_->[1] } @{$log->{answers}{$number} // []};
	diag("$number: @got\n   not @wanted") if "@got" ne "@wanted" && !$disorder++;
}
is($log->answered, FLOOD, 'a flood with one poisoned in ' . OFTEN . ': every text has an answer');
is($log->repeated, 0, '… only one');
is($disorder, 0, '… the right ones, in the order of the texts');
is($poisoned, FLOOD / OFTEN, '(so many were poisoned)');
is(scalar $hall->sql(q{SELECT count(*) || ' ' || count(DISTINCT (msisdn, id)) FROM hall.parked WHERE msisdn LIKE '137%'}), "$poisoned $poisoned",
	'… each of them is parked, once');
my $rerun = $hall->metrics->{smsd_batch_rerun_total};
cmp_ok($rerun, '<=', 2 * ($poisoned + BATCH) + 10, 'no text is run for ever: twice a poisoned one');
Trouble::audit($hall);
Trouble::figures('poison', texts => FLOOD + BATCH * (BATCH + 1), answered => $log->answered + BATCH * (BATCH + 1) - $bad, effects => 0,
	repeated_answers => $log->repeated, recovered_s => $log->recovered, parked => $poisoned + BATCH, batches_again => $rerun);
done_testing;
