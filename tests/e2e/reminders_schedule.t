#!/usr/bin/perl
# Schedules: each moment is run once, whoever runs it: by two smsd, after smsd was down, when clocks are put forth and back, when
# the tables change.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

plan skip_all => 'libfaketime is not installed (apt-get install faketime)' unless defined Trouble::faketime();
plan skip_all => 'libfaketime and the address sanitizer do not go together' if $Hall::BIN =~ m{/san$};

my $hall = Trouble::hall(up => 0);
my $clock = Trouble::clock($hall, "$Hall::BIN/smsd");
$hall->{env}{HALL_SMSD} = "$clock.sh";
# It is a quarter past three in China on a day to come: the next daily run is a quarter of an hour away.
my $begin = (int(time / 86400) + 2) * 86400 - 8 * 3600 + 3 * 3600 + 15 * 60;
sub set { my ($minutes) = @_; Trouble::step($clock, $begin + $minutes * 60 - time); return }
set(0);
$hall->up;
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00', cap = 0});
$hall->sql(Hall::slurp("$FindBin::Bin/tables/runs.sql"));
$hall->sql(q{INSERT INTO bss.runs_who SELECT 'daily', '1370000' || lpad(n::text, 4, '0') FROM generate_series(1, 40) AS n});
my ($daily) = Hall::slurp("$FindBin::Bin/tables/runs.yaml") =~ /^(  daily:.*)/ms;
my $tables = "table: runs\nscope: group\nreminders:\n$daily";
$hall->apply('runs.yaml' => $tables);

# Each run as minutes after the beginning.
sub runs {
	return join ' ', $hall->sql(qq{SELECT (extract(epoch FROM due) - $begin)::bigint / 60 || CASE state WHEN 'ran' THEN '' ELSE state END
		FROM hall.reminder_run WHERE reminder = 'runs.daily' ORDER BY due});
}
sub messages { return $hall->sql(q{SELECT count(*) || ' ' || count(DISTINCT (msisdn, text)) FROM hall.mt WHERE wording = 'runs.daily'}) }
sub ran { my ($want) = @_; return $hall->wait_until(60, sub { runs() eq $want && !$hall->sql('SELECT count(*) FROM hall.reminder_row') }) || diag(runs()) && 0 }
sub next_due { return ($hall->sql(qq{SELECT (extract(epoch FROM next) - $begin)::bigint / 60 FROM hall.reminder_schedule WHERE reminder = 'runs.daily'}))[0] // '' }
use constant DAY => 1440;

ok($hall->wait_until(30, sub { next_due() eq '15' }), 'a new schedule is due at its next moment');
is(runs(), '', '… and does not run for the past');
set(16);
ok(ran('15'), 'it runs when that has come');
ok($hall->wait_until(60, sub { messages() eq '40 40' }), '… and tells each once') or diag messages();
like($hall->sql(q{SELECT min(text) || max(text) FROM hall.mt WHERE wording = 'runs.daily'}), qr/^(每日\d{4}-\d\d-\d\d 03:30)\1$/, '… :now is the scheduled minute');
is(next_due(), 15 + DAY, '… and it is due again a day later');

# ---- put back, and forth again
set(10);
sleep 2;
set(20);
sleep 2;
is(runs(), '15', 'clocks put back run nothing twice');

# ---- down for some days
$hall->stop('smsd');
set(30 + 5 * DAY);
$hall->start('smsd');
ok($hall->ready(60), 'smsd was down for five days');
ok(ran('15 ' . (15 + 5 * DAY)), '… of which the last moment is caught up, once');
ok($hall->wait_until(60, sub { messages() eq '80 80' }), '… with its messages') or diag messages();
is(next_due(), 15 + 6 * DAY, '… and the next is tomorrow');

# ---- another version
$hall->apply('runs.yaml' => $tables =~ s/Each day/Each day again/r);
is(next_due(), 15 + 6 * DAY, 'new tables keep the schedule');
$hall->apply('runs.yaml' => $tables =~ s/30 3 \* \* \*/40 3 * * */r);
ok($hall->wait_until(30, sub { next_due() eq 25 + 6 * DAY }), '… a changed one is due at its own next moment') or diag next_due();
$hall->apply('runs.yaml' => "table: runs\nscope: group\n");
ok($hall->wait_until(30, sub { next_due() eq '' }), '… and one that is gone is forgotten');
set(60 + 8 * DAY);
$hall->apply('runs.yaml' => $tables);
ok($hall->wait_until(30, sub { next_due() eq 15 + 9 * DAY }), '… and does not run for the time that it was gone') or diag next_due();
is(runs(), '15 ' . (15 + 5 * DAY), '… nothing ran meanwhile');

# ---- two smsd
ok($hall->start_second('hall2'), 'a second smsd');
$hall->sql(q{INSERT INTO bss.runs_who SELECT 'daily', '1370001' || lpad(n::text, 4, '0') FROM generate_series(1, 2000) AS n});
my $want = '15 ' . (15 + 5 * DAY);
my $told = 80;
for my $day (9 .. 12) {
	set(15 + $day * DAY);
	$want .= ' ' . (15 + $day * DAY);
	ok(ran($want), "day $day: one run");
	$told += 2040;
	ok($hall->wait_until(60, sub { messages() eq "$told $told" }), '… and each message once') or diag messages();
}
is($hall->sql(q{SELECT count(*) FROM hall.reminder_run WHERE reminder = 'runs.daily' AND rows <> CASE WHEN due < now() + interval '8 days' THEN 40 ELSE 2040 END}), 0, 'with all their rows');
done_testing;
