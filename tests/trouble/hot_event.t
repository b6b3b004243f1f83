#!/usr/bin/perl
# Everybody wants the same event at the same moment: as many get in as there are places, the others stand in a queue
# without a gap, each was told his own place in it, about in the order in which they texted, and nothing ever deadlocks.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use List::Util qw(max);
use Test::More;
use Trouble;

use constant { TEXTS => 10000, PLACES => 500 };

my $hall = Trouble::hall();
ok($hall->ready, 'the hall is ready');
Trouble::subscribers($hall, TEXTS);
$hall->sql('UPDATE bss.event SET places = ' . PLACES . ', waiting_places = ' . (TEXTS - PLACES) . q{ WHERE code = 'BENCH0'});
my $deadlocks = q{SELECT deadlocks FROM pg_stat_database WHERE datname = 'hall'};
my $load = Trouble::load($hall, texts => TEXTS, say => sub { [Trouble::number($_[0]), 'BM BENCH0'] });
$load->was_sent(TEXTS, 30);
$load->lifted;
my $log = $load->finish(120);

is($log->answered, TEXTS, 'every text has an answer');
is(scalar $hall->sql(q{SELECT taken || ' ' || waiting || ' ' || last_no FROM bss.event WHERE code = 'BENCH0'}),
	join(' ', PLACES, TEXTS - PLACES, TEXTS), 'the event is full, all others wait');
is(scalar $hall->sql(q{SELECT count(*) || ' ' || max(no) FROM bss.registration WHERE event = 'BENCH0' AND state = 'in'}),
	join(' ', (PLACES) x 2), 'exactly as many are in as there are places, and they were the first');
is(scalar $hall->sql(q{SELECT count(*) || ' ' || count(DISTINCT no) || ' ' || min(no) || ' ' || max(no)
	FROM bss.registration WHERE event = 'BENCH0' AND state = 'waiting'}),
	join(' ', (TEXTS - PLACES) x 2, PLACES + 1, TEXTS), 'the others queue without a gap');

# What each was told is what is recorded.
my %no = map { split /\|/ } $hall->sql(q{SELECT msisdn, no FROM bss.registration WHERE event = 'BENCH0'});
my ($wrong, $displaced, $rank) = (0, 0, 0);
for my $text (@{$log->{sent}}) {
	my $no = $no{$text->[0]} // 0;
	my $answer = $log->{answers}{$text->[0]}[0][1] // '';
	my $right = $no <= PLACES ? $answer =~ /报名成功/ : $answer =~ /候补，排第(\d+)位/ && $1 == $no - PLACES;
	diag("$text->[0], number $no: $answer") if !$right && !$wrong++;
	$displaced = max($displaced, abs(++$rank - $no));
}
is($wrong, 0, 'each was told so, and his place in the queue');
# What smsd holds at a time may change places, as it is shared by two connections.
cmp_ok($displaced, '<', 2000, 'the order is that in which they texted, but for what was under way at once') or diag($displaced);
is(scalar $hall->sql($deadlocks), 0, 'no deadlock');
my $m = $hall->metrics;
is($m->{smsd_batch_rerun_total}, 0, 'no batch had to be run again');
is(scalar $hall->sql('SELECT count(*) FROM hall.parked'), 0, 'nothing was parked');
Trouble::audit($hall);

# Somebody leaves: the first of the queue moves up.
my ($in) = $hall->sql(q{SELECT msisdn FROM bss.registration WHERE event = 'BENCH0' AND no = 1});
like($hall->answer($in, 'QXBM BENCH0'), qr/取消/, 'one who was in leaves');
is(scalar $hall->sql(q{SELECT state FROM bss.registration WHERE event = 'BENCH0' AND no = } . (PLACES + 1)), 'in', '… the first of the queue has his place');
my @times = sort { $a <=> $b } map { $_->[0] + $_->[1] } $log->times;
Trouble::figures('hot_event', texts => TEXTS, answered => $log->answered, effects => scalar keys %no, repeated_answers => $log->repeated,
	recovered_s => $log->recovered, texts_per_s => int(TEXTS / ($times[-1] - $times[0])), displaced => $displaced);
done_testing;
