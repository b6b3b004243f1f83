#!/usr/bin/perl
# A steady rate for a while: memory stays flat, and so do the tables, but for the rows that are meant to stay.
# DURATION (20s; 10m, 1h) says how long, RATE (150) how many texts a second; `make soak` sets them.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use List::Util qw(max sum);
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

my %unit = (s => 1, m => 60, h => 3600);
my ($number, $unit) = ($ENV{DURATION} // (Trouble::LONG ? '10m' : '12s')) =~ /^(\d+)([smh]?)$/ or die "DURATION: 30s, 10m or 1h\n";
my $seconds = $number * $unit{$unit || 's'};
my $rate = $ENV{RATE} // 150;
my $texts = int($seconds * $rate);
my $who = 20000;	# subscribers, each texts now and then
# A change and what undoes it in turns, so that the business' rows do not grow for ever.  Each subscriber goes through all
# of them: who says the same again and again, which nobody understands, gets no answer.
my @mix = ((map { my $t = $_; sub { $t } } ('YE') x 8, ('CXLL') x 4, ('JF') x 3, ('CXTC') x 2, 'ZD', '今天天气怎么样', '晚上几点回家吃饭'),
	(sub { $_[1] % 2 ? 'QX CAILING' : 'KT CAILING' }) x 3, (sub { ($_[1] % 2 ? 'QXBM' : 'BM') . ' BENCH' . $_[0] % 10 }) x 2);

my $hall = Trouble::hall();
ok($hall->ready, 'the hall is ready');
Trouble::subscribers($hall, $who);
$hall->sql('UPDATE bss.account SET opening = opening + 100000000, balance = balance + 100000000');
$hall->sql('VACUUM ANALYZE');
my $load = Trouble::load($hall, texts => $texts, rate => $rate, say => sub {
	my ($i) = @_;
	my $turn = int($i / $who);
	my $subscriber = $i % $who;
	return [Trouble::number($subscriber), $mix[($subscriber + $turn) % @mix]->($subscriber, $turn)];
});

my $look = sub {
	my %at = (answers => $load->look->{answers}, at => time);
	$at{$_} = Trouble::memory($hall, $_, 'VmRSS') for qw(smsd kannel);
	for ($hall->sql(q{SELECT CASE WHEN relname ~ '^(mo|mt|contact)_[0-9]' THEN 'day' WHEN schemaname = 'hall' THEN 'hall' ELSE 'bss' END, 
			sum(pg_total_relation_size(relid)), sum(n_dead_tup), sum(n_live_tup)
			FROM pg_stat_user_tables WHERE schemaname IN ('hall', 'bss') GROUP BY 1})) {
		my ($kind, @n) = split /\|/;
		@at{map { "${kind}_$_" } qw(size dead live)} = @n;
	}
	return \%at;
};
# The first eighth warms up: caches, statements, the allocator's pools.
my @sample;
my $begin = time;
my $warm = $seconds / 8;
my ($next, $peak) = ($begin + max(1, $seconds / 60), 0);
while (time < $begin + $seconds) {
	sleep 1;
	$peak = max($peak, $load->look->{sent} - $load->{answers});
	next if time < $next;
	$next += max(1, $seconds / 60);
	push @sample, $look->() if time > $begin + $warm && $load->{sent} < $texts;
}
$load->lifted;
my $log = $load->finish(60);
is($log->answered, $texts, 'every text has an answer');
is($log->repeated, 0, '… and only one');
my @times = map { $_->[1] } $log->times;
my $third = int(@sample / 3);
cmp_ok($third, '>=', 2, 'there was time to look');
my $mean = sub { my ($what, @list) = @_; return sum(map { $_->{$what} } @list) / @list };
my ($early, $late) = ([@sample[0 .. $third - 1]], [@sample[-$third .. -1]]);
my %grew;
# Over an hour a leak of 10 octets a text would be some 5 MB; in seconds only a gross one shows.  What once waited at the
# same time, when the machine was busy with other things, has left its room behind.
# bearerbox's allocator goes on filling its pools for most of an hour, ever more slowly: there the end is compared with what was
# shortly before.
my $quarter = int(@sample / 4) || 1;
for my $part (qw(smsd kannel)) {
	my ($then, $now) = $part eq 'smsd' || @sample < 8 ? ($early, $late) : ([@sample[-2 * $quarter .. -$quarter - 1]], [@sample[-$quarter .. -1]]);
	$grew{$part} = $mean->($part, @$now) - $mean->($part, @$then);
	cmp_ok($grew{$part}, '<', ($seconds < 120 ? 4096 : max(2048, 0.05 * $mean->($part, @$then))) + 2 * $peak, ($part eq 'kannel' ? 'bearerbox' : $part) . "'s memory is flat")
		or diag(join ' ', map { $_->{$part} } @sample);
}
# What a text leaves in the tables of the day does not grow with their size.
my $middle = $sample[@sample / 2];
my $per_text = sub { my ($from, $to) = @_; return ($to->{day_size} - $from->{day_size}) / ($to->{answers} - $from->{answers} || 1) };
my ($first, $second) = ($per_text->($sample[0], $middle), $per_text->($middle, $sample[-1]));
cmp_ok($second, '<', 1.3 * $first + 200, 'a text takes as much room late as early') or diag("$first, $second octets");
# Hot rows are changed in place: what is not of the day must not grow, but for what is new.
my $hall_grew = $sample[-1]{hall_size} - $sample[0]{hall_size};
my $changes = $sample[-1]{answers} - $sample[0]{answers};
cmp_ok($hall_grew, '<', 2 ** 21 + 150 * $changes, "the hall's other tables are flat") or diag("$hall_grew octets");
my $bss_grew = $sample[-1]{bss_size} - $sample[0]{bss_size};
cmp_ok($bss_grew, '<', 2 ** 21 + 600 * $changes, 'the business grows with its changes only') or diag("$bss_grew octets");
cmp_ok($sample[-1]{hall_dead}, '<', 5000 + 0.25 * $sample[-1]{hall_live}, 'dead rows are taken away in time') or diag(explain $sample[-1]);
my ($sender) = $hall->sql(q{SELECT pg_relation_size('hall.sender')});
cmp_ok($sender, '<=', 2 ** 20, 'the hottest row of all lies in a small table') or diag($sender);
my $m = $hall->metrics;
is($m->{smsd_batch_rerun_total}, 0, 'no batch had to be run again');
is($m->{smsd_in_flight}, 0, 'nothing is left under way');
Trouble::audit($hall);
is(scalar $hall->sql('SELECT count(*) FROM hall.parked'), 0, 'nothing was parked');
Trouble::figures('soak', texts => $texts, answered => $log->answered,
	effects => scalar $hall->sql(q{SELECT count(*) FROM bss.effect WHERE mo_id IS NOT NULL}), repeated_answers => $log->repeated,
	recovered_s => undef, seconds => $seconds, p99_s => Trouble::percentile(99, @times), smsd_kb => $sample[-1]{smsd}, smsd_grew_kb => $grew{smsd},
	bearerbox_kb => $sample[-1]{kannel}, bearerbox_grew_kb => $grew{kannel}, most_open => $peak, octets_a_text => $second, hall_grew_octets => $hall_grew,
	hall_dead_rows => $sample[-1]{hall_dead});
done_testing;
